// One call of FaceFusion with the official SDK.
import com.tencentcloudapi.common.Credential;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.HttpProfile;
import com.tencentcloudapi.facefusion.v20181201.FacefusionClient;
import com.tencentcloudapi.facefusion.v20181201.models.FaceFusionRequest;
import com.tencentcloudapi.facefusion.v20181201.models.FaceFusionResponse;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Base64;

public class FirstCall {
    public static void main(String[] args) throws Exception {
        Credential key = new Credential(
                "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE");
        HttpProfile http = new HttpProfile();
        http.setProtocol(HttpProfile.REQ_HTTP);
        http.setEndpoint("localhost:8670");
        ClientProfile profile = new ClientProfile(ClientProfile.SIGN_TC3_256, http);
        FacefusionClient client = new FacefusionClient(key, "ap-guangzhou", profile);

        byte[] picture = Files.readAllBytes(Paths.get("fixtures/users/hopper.jpg"));
        FaceFusionRequest request = new FaceFusionRequest();
        request.setProjectId("100646");
        request.setModelId("qc_100646_154021_9");
        request.setRspImgType("url");
        request.setImage(Base64.getEncoder().encodeToString(picture));

        FaceFusionResponse answer = client.FaceFusion(request);
        System.out.println(answer.getRequestId() + " " + answer.getImage());
    }
}
