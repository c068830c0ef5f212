"""Three users onto the three faces of one material; the result goes to out/three_faces.jpg."""

import base64
import os
from pathlib import Path

from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.facefusion.v20181201 import facefusion_client, models

endpoint = os.environ.get("FACEFUSION_ENDPOINT", "localhost:8670")
key = Credential("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=endpoint))
client = facefusion_client.FacefusionClient(key, "ap-guangzhou", profile)

listing = models.DescribeMaterialListRequest()
listing.ActivityId = 100646
listing.MaterialId = "qc_100646_154021_12"
[material] = client.DescribeMaterialList(listing).MaterialInfos

request = models.FuseFaceRequest()
request.ProjectId = "100646"
request.ModelId = material.MaterialId
request.RspImgType = "base64"
request.FuseFaceDegree = 30  # features nearer to the users'
request.MergeInfos = []
users = ("astronaut.jpg", "hopper.jpg", "einstein.jpg")
for face, user in zip(material.MaterialFaceList, users, strict=True):
    merge = models.MergeInfo()
    merge.TemplateFaceID = face.FaceId
    merge.Image = base64.b64encode(Path("fixtures/users", user).read_bytes()).decode()
    request.MergeInfos.append(merge)
    print(f"{user} onto {face.FaceId}")

answer = client.FuseFace(request)
result = Path("out/three_faces.jpg")
result.parent.mkdir(exist_ok=True)
result.write_bytes(base64.b64decode(answer.FusedImage))
print(f"saved {result}")
