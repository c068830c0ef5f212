<?php
// One call of FaceFusion with the official SDK.
require "vendor/autoload.php";

use TencentCloud\Common\Credential;
use TencentCloud\Common\Profile\ClientProfile;
use TencentCloud\Common\Profile\HttpProfile;
use TencentCloud\Facefusion\V20181201\FacefusionClient;
use TencentCloud\Facefusion\V20181201\Models\FaceFusionRequest;

$key = new Credential("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE");
$http = new HttpProfile();
$http->setProtocol("http://");
$http->setEndpoint("localhost:8670");
$profile = new ClientProfile();
$profile->setHttpProfile($http);
$client = new FacefusionClient($key, "ap-guangzhou", $profile);

$request = new FaceFusionRequest();
$request->ProjectId = "100646";
$request->ModelId = "qc_100646_154021_9";
$request->RspImgType = "url";
$request->Image = base64_encode(file_get_contents("fixtures/users/hopper.jpg"));

$answer = $client->FaceFusion($request);
echo $answer->RequestId, " ", $answer->Image, "\n";
