using Chat.Bench.Verbs;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class BenchCommandTests
{
    [Theory]
    [InlineData("light")]
    [InlineData("light --members 50 --rate 100 --seconds 20 --durability always")]
    [InlineData("light --server ws://127.0.0.1:8181/ws")]
    [InlineData("hold --connections 1000 --seconds 10 --rooms 1")]
    [InlineData("start --runs 5 --rooms 1000 --durability never")]
    [InlineData("idle --seconds 20 --connections 100 --gateway some.dll --data-in /tmp")]
    [InlineData("slow --readers 100 --megabytes 100 --seconds 30 --members 10 --around 10 --durability never")]
    [InlineData("slow --trickle 10 --seconds 120 --spread 60")]
    [InlineData("large --messages 1000000 --recent 10000 --characters 120 --runs 5 --pages 100 --durability always")]
    [InlineData("durability --in-flight 1000 --characters 120 --seconds 3 --warmup 2 --repeats 3 --data-in /tmp")]
    [InlineData("crash --kills 100 --seed 7 --writers 8 --readers 6 --rooms 4 --mix --durability never")]
    [InlineData("abuse")]
    [InlineData("abuse --case pings --case deaf --bystanders 10 --rate 50 --seconds 5 --from-loopback --durability never")]
    [InlineData("compare")]
    [InlineData("compare --peers chat signalr --peers nats --scenarios fanout light --repeats 5 --seconds 5 --warmup 2 --characters 120 --write")]
    [InlineData("compare --scenarios long --long-seconds 600")]
    [InlineData("limit-server --port 8182")]
    public void Should_take_what_the_help_says(string line) =>
        Assert.Empty(BenchCommand.Create(TextWriter.Null, TextWriter.Null).Parse(line).Errors);

    [Theory]
    [InlineData("light --members 0", "--members: \"0\" is not allowed; it must be an integer from 1 to 5000.")]
    [InlineData("light --members 5001", "--members: \"5001\" is not allowed; it must be an integer from 1 to 5000.")]
    [InlineData("light --rate -1", "--rate: \"-1\" is not allowed")]
    [InlineData("light --rate 1e3", "--rate: \"1e3\" is not allowed")]
    [InlineData("light --seconds 99999999999", "--seconds: \"99999999999\" is not allowed")]
    [InlineData("hold --connections many", "--connections: \"many\" is not allowed")]
    [InlineData("start --runs 0", "--runs: \"0\" is not allowed")]
    [InlineData("idle --seconds 0", "--seconds: \"0\" is not allowed")]
    [InlineData("light --durability maybe", "maybe")]
    [InlineData("light --server http://localhost", "--server: \"http://localhost\" is not allowed; it must be an address like ws://")]
    [InlineData("light --server nonsense", "--server: \"nonsense\" is not allowed")]
    [InlineData("light --server ws://localhost:8181/ws --durability never", "--server: a server that runs already has its own settings")]
    [InlineData("idle --server ws://localhost:8181/ws", "--server")]
    [InlineData("slow --readers 0", "--readers: \"0\" is not allowed")]
    [InlineData("durability --in-flight 1001", "--in-flight: \"1001\" is not allowed")]
    [InlineData("durability --durability never", "--durability")]
    [InlineData("crash --kills 0", "--kills: \"0\" is not allowed; it must be an integer from 1 to 10000.")]
    [InlineData("crash --seed -1", "--seed: \"-1\" is not allowed")]
    [InlineData("crash --server ws://localhost:8181/ws", "--server")]
    [InlineData("abuse --case kindness", "kindness")]
    [InlineData("abuse --seconds 0", "--seconds: \"0\" is not allowed")]
    [InlineData("compare --repeats 0", "--repeats: \"0\" is not allowed; it must be an integer from 1 to 20.")]
    [InlineData("compare --peers irc", "irc")]
    [InlineData("compare --scenarios nap", "nap")]
    [InlineData("compare --characters 15", "--characters: \"15\" is not allowed")]
    [InlineData("compare --long-seconds 179", "--long-seconds: \"179\" is not allowed")]
    [InlineData("compare --durability never", "--durability")]
    [InlineData("fly", "fly")]
    public void Should_say_what_is_wrong_with_an_argument(string line, string expected) =>
        Assert.Contains(BenchCommand.Create(TextWriter.Null, TextWriter.Null).Parse(line).Errors, error => error.Message.Contains(expected));

    [Theory]
    [InlineData("light", "--gateway: there is no file /nowhere/Chat.Gateway.dll.")]
    [InlineData("slow", "--gateway: there is no file /nowhere/Chat.Gateway.dll.")]
    [InlineData("large", "--gateway: there is no file /nowhere/Chat.Gateway.dll.")]
    [InlineData("compare", "--gateway: there is no file /nowhere/Chat.Gateway.dll.")]
    [InlineData("abuse", "--gateway: there is no file /nowhere/Chat.Gateway.dll.")]
    [InlineData("abuse --bystanders 2 --rate 21", "--rate: 2 bystanders may publish 20 messages a second together; take more of them, or a lower rate.")]
    [InlineData("durability", "--gateway: there is no file /nowhere/Chat.Gateway.dll.")]
    [InlineData("slow --seconds 51", "--seconds: who takes nothing for 60 s is closed; it must be at most 50, unless --trickle is given.")]
    [InlineData("slow --seconds 10 --spread 11", "--spread: 11 s is longer than the stop; it must be at most 10, as --seconds.")]
    [InlineData("slow --megabytes 1000 --seconds 1", "--megabytes: in 1 s it is more than 5000 messages a second")]
    public async Task Should_fail_with_a_sentence_when_it_can_not_measure(string line, string expected)
    {
        var error = new StringWriter();
        var code = await BenchCommand.Create(TextWriter.Null, error).Parse(line + " --gateway /nowhere/Chat.Gateway.dll").InvokeAsync();
        Assert.Equal(1, code);
        Assert.StartsWith(expected, error.ToString());
    }
}
