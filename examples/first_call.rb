# One call of FaceFusion with the official SDK; the result goes to fused.jpg.
require 'base64'
require 'tencentcloud-sdk-facefusion'

include TencentCloud::Common
include TencentCloud::Facefusion::V20181201

key = Credential.new('AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE', 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE')
# This SDK bears no port in an endpoint over HTTP; the mock serves as its proxy instead.
http = HttpProfile.new('http')
http.proxy = 'http://localhost:8670'
client = Client.new(key, 'ap-guangzhou', ClientProfile.new('TC3-HMAC-SHA256', http))

request = FaceFusionRequest.new
request.ProjectId = '100646'
request.ModelId = 'qc_100646_154021_9'
request.RspImgType = 'base64'
request.Image = Base64.strict_encode64(File.binread('fixtures/users/hopper.jpg'))

answer = client.FaceFusion(request)
File.binwrite('fused.jpg', Base64.decode64(answer.Image))
puts answer.RequestId
