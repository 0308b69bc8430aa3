using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>Whether what starts a cluster says what a gateway understands, and its parts fit each other.</summary>
public sealed partial class ClusterTests
{
    private const string Compose = "cluster/compose.yaml";
    private const string Kubernetes = "cluster/kubernetes.yaml";
    private const string Site = "cluster/nginx.conf";
    private const string Database = "Host=db;Database=chat;Username=chat;Password=s3cret";

    // To store what waits before and after, to close, to hand over the sessions, and for the host to leave the cluster and stop.
    private const int SecondsToEnd = 38;
    private const int ConnectionsOfNode = 40;

    [Theory]
    [InlineData(Compose)]
    [InlineData(Kubernetes)]
    [InlineData(Site)]
    public void Should_name_only_settings_that_exist(string name)
    {
        var text = Packaged.Text(name);
        Assert.All(Variable().Matches(text), variable => Assert.Contains(variable.Value, Setting.All.Select(setting => setting.Variable)));
        Assert.All(Option().Matches(text), option => Assert.Contains(option.Value, Setting.All.Select(setting => setting.Option)));
    }

    [YamlFact]
    public async Task Should_start_gateways_by_compose_that_find_each_other_on_a_network_of_their_own()
    {
        var compose = Assert.Single(await Yaml.ReadAsync(Compose));
        var services = compose["services"]!.AsObject();
        var gateways = services.Where(service => service.Key.StartsWith("gateway-", StringComparison.Ordinal)).Select(service => service.Value!).ToArray();
        Assert.Equal(3, gateways.Length);
        var nodes = gateways.Select(gateway => (
            Options: Options(gateway["environment"]!.AsObject().Select(variable => (variable.Key, variable.Value!.ToString()))),
            Inside: Address(gateway, "nodes"), Outside: Address(gateway, "front"))).ToArray();
        foreach (var (options, inside, _) in nodes)
        {
            Assert.Empty(ClusterSettings.Faults(options));
            Assert.Equal(inside, options.ClusterHost);
            Assert.Equal(nodes.Select(node => $"{node.Inside}:{node.Options.ClusterPort}"), options.ClusterSeeds.Select(seed => seed.ToString()));
            Assert.Equal(Address(services["nginx"]!, "front"), options.TrustedProxies.Single().BaseAddress.ToString());
        }
        Assert.Distinct(nodes.Select(node => node.Inside));
        // Whoever is on it can do all that a node can.
        Assert.True((bool)compose["networks"]!["nodes"]!["internal"]!);
        Assert.Equal(["front"], services["nginx"]!["networks"]!.AsObject().Select(network => network.Key));
        Assert.Equal(["nodes"], services["postgres"]!["networks"]!.AsObject().Select(network => network.Key));
        // One without an address of its own could be given that of a gateway which is down.
        Assert.Distinct(nodes.Select(node => node.Inside).Append(Address(services["postgres"]!, "nodes")));
        foreach (var (name, addresses) in new[] { ("nodes", nodes.Select(node => node.Inside)), ("front", nodes.Select(node => node.Outside)) })
        {
            var subnet = IPNetwork.Parse(compose["networks"]![name]!["ipam"]!["config"]![0]!["subnet"]!.ToString());
            Assert.All(addresses, address => Assert.True(subnet.Contains(IPAddress.Parse(address))));
        }
        Assert.All(gateways, gateway => Assert.InRange(Seconds(gateway["stop_grace_period"]!), nodes[0].Options.DrainSeconds + SecondsToEnd, 300));
        var most = services["postgres"]!["command"]!.AsArray().Select(argument => argument!.ToString()).Single(argument => argument.StartsWith("max_connections=", StringComparison.Ordinal));
        Assert.InRange(int.Parse(most.Split('=')[1], CultureInfo.InvariantCulture), (nodes.Length * ConnectionsOfNode) + 10, 1_000);
        Assert.Equal(nodes.Select(node => $"{node.Outside}:{node.Options.Port}"), Upstream().Matches(Packaged.Text(Site)).Select(match => match.Groups["server"].Value));
    }

    [YamlFact]
    public async Task Should_start_gateways_by_kubernetes_that_find_each_other_by_names()
    {
        var resources = await Yaml.ReadAsync(Kubernetes);
        var set = resources.Single(resource => resource["kind"]!.ToString() == "StatefulSet");
        var (name, spec, pod) = (set["metadata"]!["name"]!.ToString(), set["spec"]!, set["spec"]!["template"]!["spec"]!);
        var container = Assert.Single(pod["containers"]!.AsArray())!;
        var replicas = (int)spec["replicas"]!;
        var nodes = Enumerable.Range(0, replicas).Select(number => Options(Environment(container, $"{name}-{number}"))).ToArray();
        foreach (var options in nodes)
        {
            Assert.Empty(ClusterSettings.Faults(options));
            Assert.Equal(nodes.Select(node => $"{node.ClusterHost}:{node.ClusterPort}"), options.ClusterSeeds.Select(seed => seed.ToString()));
            Assert.StartsWith(container["volumeMounts"]!.AsArray().Single(mount => mount!["name"]!.ToString() == "nodes-tls")!["mountPath"]! + "/", options.ClusterCertificate);
        }
        Assert.Equal(3, replicas);
        Assert.Equal("Parallel", spec["podManagementPolicy"]!.ToString());
        Assert.InRange((int)pod["terminationGracePeriodSeconds"]!, nodes[0].DrainSeconds + SecondsToEnd, 300);

        var ports = container["ports"]!.AsArray().ToDictionary(port => port!["name"]!.ToString(), port => (int)port!["containerPort"]!);
        Assert.Equal((nodes[0].Port, nodes[0].ClusterPort), (ports["http"], ports["cluster"]));
        var services = resources.Where(resource => resource["kind"]!.ToString() == "Service").ToDictionary(service => service["metadata"]!["name"]!.ToString(), service => service["spec"]!);
        var among = services[spec["serviceName"]!.ToString()];
        Assert.Equal(("None", true), (among["clusterIP"]!.ToString(), (bool)among["publishNotReadyAddresses"]!));
        Assert.Contains($".{spec["serviceName"]}.", nodes[0].ClusterHost);
        var labels = spec["template"]!["metadata"]!["labels"]!.ToJsonString();
        foreach (var service in services.Values)
        {
            Assert.Equal(labels, service["selector"]!.ToJsonString());
            Assert.All(service["ports"]!.AsArray(), port => Assert.Contains(port!["targetPort"]!.ToString(), ports.Keys));
        }
        Assert.Equal(labels, spec["selector"]!["matchLabels"]!.ToJsonString());

        var paths = JsonNode.Parse(Packaged.Document("Chat.Gateway", "Web", "openapi.json"))!["paths"]!.AsObject();
        foreach (var (probe, path) in new[] { ("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready") })
        {
            var asked = container[probe]!["httpGet"]!;
            Assert.Equal((path, "http"), (asked["path"]!.ToString(), asked["port"]!.ToString()));
            Assert.True(paths.ContainsKey(path), path);
        }
        var budget = resources.Single(resource => resource["kind"]!.ToString() == "PodDisruptionBudget")["spec"]!;
        Assert.Equal((1, labels), ((int)budget["maxUnavailable"]!, budget["selector"]!["matchLabels"]!.ToJsonString()));
    }

    [ProgramFact("nginx", "nginx")]
    public async Task Should_be_a_configuration_that_nginx_takes()
    {
        using var folder = new TempFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=chat.example.org", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(folder.In("fullchain.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(folder.In("privkey.pem"), key.ExportPkcs8PrivateKeyPem());
        var folders = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {folder.In(kind)};\n"));
        File.WriteAllText(folder.In("nginx.conf"), $"pid {folder.In("pid")};\n" + Packaged.Text(Site).Replace("/etc/nginx/tls/", folder.Path + "/").Replace("http {\n", "http {\n" + folders));
        using var process = Process.Start(new ProcessStartInfo(ProgramFactAttribute.Find("nginx")!, ["-t", "-e", "stderr", "-p", folder.Path, "-c", folder.In("nginx.conf")])
        {
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await Patience.OfAsync(process.WaitForExitAsync(), "nginx's end", () => "");
        Assert.True(process.ExitCode == 0, await errors);
        Assert.DoesNotContain("[warn]", await errors);
    }

    // What the image has, and then what is put in; of what comes from outside, nothing is known, but that there is a database.
    private static GatewayOptions Options(IEnumerable<(string Name, string Value)> variables)
    {
        var image = Packaged.Lines("Dockerfile").Where(line => line.StartsWith("ENV ", StringComparison.Ordinal)).SelectMany(line => line[4..].Split(' '))
            .Select(pair => (Name: pair.Split('=', 2)[0], Value: pair.Split('=', 2)[1]));
        return image.Concat(variables).Append((Name: "CHAT_POSTGRES", Value: Database))
            .Aggregate(new GatewayOptions(), (options, variable) => Packaged.With(options, variable.Name, Outside().Replace(variable.Value, "")));
    }

    // Those of the pod's own variables that others are made of are put in.
    private static IEnumerable<(string Name, string Value)> Environment(JsonNode container, string pod)
    {
        var secrets = container["env"]!.AsArray().Where(variable => variable!["valueFrom"]?["secretKeyRef"] is not null).Select(variable => variable!["name"]!.ToString());
        Assert.Equal(["CHAT_POSTGRES"], secrets);
        return container["env"]!.AsArray().Where(variable => variable!["value"] is not null)
            .Select(variable => (variable!["name"]!.ToString(), variable["value"]!.ToString().Replace("$(POD_NAME)", pod).Replace("$(POD_NAMESPACE)", "default")));
    }

    private static string Address(JsonNode service, string network) => service["networks"]![network]!["ipv4_address"]!.ToString();

    private static int Seconds(JsonNode time) => int.Parse(time.ToString().TrimEnd('s'), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\bCHAT_[A-Z_]+\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?<=[( ])--[a-z]+(-[a-z]+)+(?=[) ])")]
    private static partial Regex Option();

    [GeneratedRegex(@"\$\{CHAT_[A-Z_]+:-\}")]
    private static partial Regex Outside();

    [GeneratedRegex(@"^\s+server (?<server>[0-9.:]+)\b", RegexOptions.Multiline)]
    private static partial Regex Upstream();
}
