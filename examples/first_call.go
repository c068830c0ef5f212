// One call of FaceFusion with the official SDK.
package main

import (
	"encoding/base64"
	"fmt"
	"log"
	"os"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	facefusion "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/facefusion/v20181201"
)

func main() {
	key := common.NewCredential("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
	settings := profile.NewClientProfile()
	settings.HttpProfile.Scheme = "HTTP"
	settings.HttpProfile.Endpoint = "localhost:8670"
	client, err := facefusion.NewClient(key, "ap-guangzhou", settings)
	if err != nil {
		log.Fatal(err)
	}

	picture, err := os.ReadFile("fixtures/users/hopper.jpg")
	if err != nil {
		log.Fatal(err)
	}
	request := facefusion.NewFaceFusionRequest()
	request.ProjectId = common.StringPtr("100646")
	request.ModelId = common.StringPtr("qc_100646_154021_9")
	request.RspImgType = common.StringPtr("url")
	request.Image = common.StringPtr(base64.StdEncoding.EncodeToString(picture))

	answer, err := client.FaceFusion(request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*answer.Response.RequestId, *answer.Response.Image)
}
