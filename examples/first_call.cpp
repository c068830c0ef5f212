// One call of FaceFusion with the official SDK.
#include <fstream>
#include <iostream>
#include <iterator>
#include <openssl/evp.h>
#include <string>
#include <tencentcloud/core/Credential.h>
#include <tencentcloud/core/TencentCloud.h>
#include <tencentcloud/core/profile/ClientProfile.h>
#include <tencentcloud/core/profile/HttpProfile.h>
#include <tencentcloud/facefusion/v20181201/FacefusionClient.h>

using namespace TencentCloud;
using namespace TencentCloud::Facefusion::V20181201;

static std::string base64_of(const char *path)
{
    std::ifstream file(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    int length = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(&text[0]),
                                 reinterpret_cast<const unsigned char *>(bytes.data()),
                                 static_cast<int>(bytes.size()));
    text.resize(length);
    return text;
}

int main()
{
    InitAPI();
    Credential key("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE");
    HttpProfile http;
    http.SetProtocol(HttpProfile::Scheme::HTTP);
    http.SetEndpoint("127.0.0.1:8670"); // the SDK refuses an endpoint without a dot
    FacefusionClient client(key, "ap-guangzhou", ClientProfile(http));

    Model::FaceFusionRequest request;
    request.SetProjectId("100646");
    request.SetModelId("qc_100646_154021_9");
    request.SetRspImgType("url");
    request.SetImage(base64_of("fixtures/users/hopper.jpg"));

    auto outcome = client.FaceFusion(request);
    if (outcome.IsSuccess())
        std::cout << outcome.GetResult().GetRequestId() << " " << outcome.GetResult().GetImage() << std::endl;
    else
        std::cerr << outcome.GetError().PrintAll() << std::endl;
    ShutdownAPI();
    return outcome.IsSuccess() ? 0 : 1;
}
