// One call of FaceFusion with the official SDK.
using System;
using System.IO;
using TencentCloud.Common;
using TencentCloud.Common.Profile;
using TencentCloud.Facefusion.V20181201;
using TencentCloud.Facefusion.V20181201.Models;

var key = new Credential
{
    SecretId = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
    SecretKey = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
};
var http = new HttpProfile { Protocol = HttpProfile.REQ_HTTP, Endpoint = "localhost:8670" };
// Older versions of the SDK sign by the method before TC3 unless told.
var profile = new ClientProfile(ClientProfile.SIGN_TC3SHA256, http);
var client = new FacefusionClient(key, "ap-guangzhou", profile);

var request = new FaceFusionRequest
{
    ProjectId = "100646",
    ModelId = "qc_100646_154021_9",
    RspImgType = "url",
    Image = Convert.ToBase64String(File.ReadAllBytes("fixtures/users/hopper.jpg")),
};
var answer = client.FaceFusionSync(request);
Console.WriteLine($"{answer.RequestId} {answer.Image}");
