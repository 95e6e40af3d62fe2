import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.SecurityUtils;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/**
 * Asks StandardAuthorizer what a file says, line by line, fields separated by tabs:
 *
 *   new, super users, true or false      an authorizer without ACLs
 *   acl, type, name, pattern, principal, host, operation, permission
 *   ask, principal, host, operation, type, name    answered with 1 or 0
 *   any, principal, host, operation, type          the same about any resource of the type
 */
public class Authorizations {
    record Client(KafkaPrincipal principal, InetAddress clientAddress) implements AuthorizableRequestContext {
        public String listenerName() { return "PLAINTEXT"; }
        public SecurityProtocol securityProtocol() { return SecurityProtocol.PLAINTEXT; }
        public int requestType() { return 0; }
        public int requestVersion() { return 0; }
        public String clientId() { return ""; }
        public int correlationId() { return 0; }
    }

    public static void main(String[] arguments) throws Exception {
        StandardAuthorizer authorizer = null;
        StringBuilder answers = new StringBuilder();
        Map<String, Client> clients = new HashMap<>();
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] field = line.split("\t", -1);
            switch (field[0]) {
                case "new" -> {
                    authorizer = new StandardAuthorizer();
                    authorizer.configure(Map.of(
                        "node.id", "1",
                        StandardAuthorizer.SUPER_USERS_CONFIG, field[1],
                        StandardAuthorizer.ALLOW_EVERYONE_IF_NO_ACL_IS_FOUND_CONFIG, field[2]));
                    authorizer.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
                    authorizer.completeInitialLoad();
                }
                case "acl" -> authorizer.addAcl(Uuid.randomUuid(), new StandardAcl(
                    ResourceType.fromCode(Byte.parseByte(field[1])), field[2],
                    PatternType.fromCode(Byte.parseByte(field[3])), field[4], field[5],
                    AclOperation.fromCode(Byte.parseByte(field[6])),
                    AclPermissionType.fromCode(Byte.parseByte(field[7]))));
                default -> {
                    String who = field[1] + " " + field[2];
                    Client client = clients.get(who);
                    if (client == null) {
                        client = new Client(SecurityUtils.parseKafkaPrincipal(field[1]), InetAddress.getByName(field[2]));
                        clients.put(who, client);
                    }
                    AclOperation operation = AclOperation.fromCode(Byte.parseByte(field[3]));
                    ResourceType type = ResourceType.fromCode(Byte.parseByte(field[4]));
                    AuthorizationResult result;
                    if (field[0].equals("any")) {
                        result = authorizer.authorizeByResourceType(client, operation, type);
                    } else {
                        ResourcePattern resource = new ResourcePattern(type, field[5], PatternType.LITERAL);
                        List<Action> actions = List.of(new Action(operation, resource, 1, false, false));
                        result = authorizer.authorize(client, actions).get(0);
                    }
                    answers.append(result == AuthorizationResult.ALLOWED ? '1' : '0');
                }
            }
        }
        System.out.println(answers);
    }
}
