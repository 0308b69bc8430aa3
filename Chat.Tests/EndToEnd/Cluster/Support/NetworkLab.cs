using System.Diagnostics;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>
/// Machines on a network of their own, each a network namespace whose link goes to a bridge in one more: nothing of it is in the network that the tests are in. All is gone with the
/// namespaces, at the latest when the tests end; those of tests that were killed go when the next ones begin.
/// </summary>
internal sealed class NetworkLab : IDisposable
{
    private const string Prefix = "chat-lab";

    private static readonly Lazy<bool> IsPossible = new(() => Environment.IsPrivilegedProcess && Try("netns", "list") && Try("netns", "add", $"{Prefix}-{Environment.ProcessId}-try")
        && Try("netns", "del", $"{Prefix}-{Environment.ProcessId}-try"));

    private static int _labs;

    private readonly string _name = $"{Prefix}-{Environment.ProcessId}-{Interlocked.Increment(ref _labs)}";
    private readonly List<string> _namespaces = [];

    /// <summary>So many machines, all of which reach each other.</summary>
    public NetworkLab(int machines)
    {
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        RemoveOrphans();
        try
        {
            var hub = Add("hub");
            Run("-n", hub, "link", "add", "hub", "type", "bridge");
            Run("-n", hub, "link", "set", "hub", "up");
            Machines = [.. Enumerable.Range(1, machines).Select(number => Connect(hub, number))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why a test that needs one is skipped; null where it is run.</summary>
    public static string? WhyNot => Required.OrSkip(IsPossible.Value, "Network namespaces can't be made: they need root, and ip (Debian: iproute2).");

    /// <summary>The machines.</summary>
    public IReadOnlyList<NetworkMachine> Machines { get; } = [];

    /// <summary>It reaches nobody any more, and nobody it.</summary>
    public static void Cut(NetworkMachine machine) => Run("-n", machine.Namespace, "link", "set", "eth0", "down");

    /// <summary>It does again.</summary>
    public static void Mend(NetworkMachine machine) => Run("-n", machine.Namespace, "link", "set", "eth0", "up");

    /// <summary>What it sends to another gets lost.</summary>
    public static void Lose(NetworkMachine machine, NetworkMachine to) => Run("-n", machine.Namespace, "route", "add", "blackhole", $"{to.Address}/32");

    /// <summary>It gets there again.</summary>
    public static void Find(NetworkMachine machine, NetworkMachine to) => Run("-n", machine.Namespace, "route", "del", "blackhole", $"{to.Address}/32");

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        foreach (var name in _namespaces)
            Try("netns", "del", name);
        _namespaces.Clear();
    }

    private NetworkMachine Connect(string hub, int number)
    {
        var machine = new NetworkMachine(Add($"{number}"), $"10.77.0.{number}");
        Run("-n", hub, "link", "add", $"port{number}", "type", "veth", "peer", "name", "eth0", "netns", machine.Namespace);
        Run("-n", hub, "link", "set", $"port{number}", "master", "hub", "up");
        Run("-n", machine.Namespace, "link", "set", "lo", "up");
        Run("-n", machine.Namespace, "address", "add", $"{machine.Address}/24", "dev", "eth0");
        Run("-n", machine.Namespace, "link", "set", "eth0", "up");
        return machine;
    }

    private string Add(string what)
    {
        var name = $"{_name}-{what}";
        Run("netns", "add", name);
        _namespaces.Add(name);
        return name;
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();

    private static void RemoveOrphans()
    {
        if (!Directory.Exists(NetworkMachine.Folder))
            return;
        foreach (var name in Directory.GetFiles(NetworkMachine.Folder, $"{Prefix}-*").Select(Path.GetFileName).OfType<string>())
        {
            if (!Directory.Exists($"/proc/{name.Split('-')[2]}"))
                Try("netns", "del", name);
        }
    }

    private static void Run(params string[] arguments)
    {
        var (code, errors) = Ip(arguments);
        Assert.True(code == 0, $"ip {string.Join(' ', arguments)}: {errors}");
    }

    private static bool Try(params string[] arguments)
    {
        try
        {
            return Ip(arguments).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static (int Code, string Errors) Ip(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors.Result);
    }
}

/// <summary>A fact that needs a <see cref="NetworkLab"/> and PostgreSQL.</summary>
internal sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute() => Skip = NetworkLab.WhyNot ?? History.Postgres.PostgresServer.WhyNot;
}
