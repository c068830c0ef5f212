# One call of FaceFusion with the official command line client.
endpoint=${FACEFUSION_ENDPOINT:-localhost:8670}
export TENCENTCLOUD_SECRET_ID=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE
export TENCENTCLOUD_SECRET_KEY=Gu5t9xGARNpq86cd98joQYCN3EXAMPLE
tccli facefusion FaceFusion --version 2018-12-01 --region ap-guangzhou \
    --endpoint "http://$endpoint" \
    --ProjectId 100646 --ModelId qc_100646_154021_9 --RspImgType url \
    --Image "$(base64 <fixtures/users/hopper.jpg | tr -d '\n')"
