"""One call of FaceFusion with the official SDK; the result goes to out/fused.jpg."""

import base64
import os
from pathlib import Path

import requests
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.facefusion.v20181201 import facefusion_client, models

endpoint = os.environ.get("FACEFUSION_ENDPOINT", "localhost:8670")
key = Credential("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=endpoint))
client = facefusion_client.FacefusionClient(key, "ap-guangzhou", profile)

request = models.FaceFusionRequest()
request.ProjectId = "100646"
request.ModelId = "qc_100646_154021_9"
request.RspImgType = "url"
request.Image = base64.b64encode(Path("fixtures/users/hopper.jpg").read_bytes()).decode()

answer = client.FaceFusion(request)
print(f"RequestId {answer.RequestId}")
print(f"Image     {answer.Image}")

picture = requests.get(answer.Image, timeout=10)
picture.raise_for_status()
result = Path("out/fused.jpg")
result.parent.mkdir(exist_ok=True)
result.write_bytes(picture.content)
print(f"saved     {result}")
