using System.Reflection;
using Chat.Protocol;
using Chat.Tests.EndToEnd.Support;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd;

/// <summary>What <c>docs/PROTOCOL.md</c> shows is what the server does.</summary>
public sealed class ProtocolDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "PROTOCOL.md")).ReplaceLineEndings("\n");

    private static readonly IReadOnlyList<Exchange> All = Exchange.In(Document);

    public static TheoryData<int, string> Exchanges
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (var i = 0; i < All.Count; i++)
                data.Add(i, All[i].Heading);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task Should_answer_as_recorded(int index, string heading)
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path);
        var clients = new Dictionary<string, RawChat>();
        var known = new Placeholders();
        try
        {
            foreach (var step in All[index].Steps)
                await PlayAsync(step);
            foreach (var client in clients.Values)
                await AssertNothingElseAsync(client);
        }
        catch (XunitException e)
        {
            throw new XunitException($"In an exchange under \"{heading}\": {e.Message}");
        }
        finally
        {
            foreach (var client in clients.Values)
                await client.DisposeAsync();
        }

        async Task PlayAsync(Step step)
        {
            switch (step.Kind)
            {
                case StepKind.Wait:
                    // The picture that `rooms` gives is up to a second old.
                    await Task.Delay(TimeSpan.FromSeconds(1.1));
                    break;
                case StepKind.ConnectAsOriginal:
                    clients[step.Client] = await RawChat.ConnectAsync(gateway, "/");
                    break;
                case StepKind.Enter:
                    clients[step.Client] = await RawChat.ConnectAsync(gateway);
                    await clients[step.Client].LoginAsync(step.Client);
                    foreach (var room in step.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        await clients[step.Client].JoinAsync(room);
                    break;
                case StepKind.Send:
                    if (!clients.ContainsKey(step.Client))
                        clients[step.Client] = await RawChat.ConnectAsync(gateway);
                    await clients[step.Client].SendAsync(known.Fill(step.Text));
                    break;
                case StepKind.Receive:
                    var actual = (await clients[step.Client].NextAsync()).Text;
                    if (!known.IsMatch(step.Text, actual))
                        throw new XunitException($"{step.Client} should be sent\n{step.Text}\nbut was sent\n{actual}");
                    break;
                case StepKind.Closed:
                    Assert.Equal(int.Parse(step.Text), await clients[step.Client].ClosedAsync());
                    await clients[step.Client].DisposeAsync();
                    clients.Remove(step.Client);
                    break;
                case StepKind.Lose:
                    await clients[step.Client].DisposeAsync();
                    clients.Remove(step.Client);
                    break;
            }
        }

        static async Task AssertNothingElseAsync(RawChat client)
        {
            await client.SendAsync("""{"type":"ping","id":"the-end"}""");
            var next = await client.NextAsync();
            if (next.Id != "the-end")
                throw new XunitException($"Nothing else should be sent, but this was:\n{next}");
        }
    }

    [Fact]
    public void Should_record_an_exchange_for_each_request()
    {
        var sent = All.SelectMany(exchange => exchange.Steps).Where(step => step.Kind == StepKind.Send).Select(step => step.Text).ToArray();
        foreach (var request in typeof(Request).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Request))))
            Assert.Contains(sent, text => text.Contains($"\"type\":\"{request.Name.ToLowerInvariant()}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_name_every_error_and_close_code_event_and_limit()
    {
        foreach (var code in Constants<string>(typeof(ErrorCodes)))
            Assert.Contains($"`{code}`", Document);
        foreach (var code in Constants<int>(typeof(CloseCodes)))
            Assert.Contains($"| {code} |", Document);
        foreach (var name in new[] { "welcome", "joined", "left", "presence", "notice", "shutdown" })
            Assert.Contains($"| `{name}` |", Document);
        foreach (var limit in typeof(Limits).GetProperties().Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]))
            Assert.Contains($"`{limit}`", Document);

        static IEnumerable<T> Constants<T>(Type type) =>
            type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral && field.FieldType == typeof(T)).Select(field => (T)field.GetRawConstantValue()!);
    }
}
