using Chat.Cli.Text;
using Chat.Protocol;
using Chat.Protocol.Client;
using Chat.Protocol.Codec;

namespace Chat.Cli.Verbs;

/// <summary><c>chat rooms</c>, <c>who</c> and <c>history</c>: one question, one answer.</summary>
internal static class LookupVerbs
{
    public static Task<int> RoomsAsync(ChatClient client, bool json, ScriptIo io, CancellationToken cancellation) =>
        AskAsync(client, client => client.RoomsAsync(cancellation), PrintRooms, json, io, cancellation);

    public static Task<int> WhoAsync(ChatClient client, string room, bool json, ScriptIo io, CancellationToken cancellation) =>
        AskAsync(client, client => client.WhoAsync(room, cancellation), PrintMembers, json, io, cancellation);

    public static Task<int> HistoryAsync(
        ChatClient client, string room, long? before, long? after, int? limit, bool json, ScriptIo io, CancellationToken cancellation) =>
        AskAsync(client, client => client.HistoryAsync(room, before, after, limit, cancellation), PrintPage, json, io, cancellation);

    private static async Task<int> AskAsync<TAnswer>(
        ChatClient client,
        Func<ChatClient, Task<TAnswer>> ask,
        Action<TAnswer, ScriptIo> print,
        bool json,
        ScriptIo io,
        CancellationToken cancellation)
        where TAnswer : ServerEvent
    {
        await Verb.ConnectAsync(client, cancellation);
        var answer = await ask(client);
        if (json)
            io.WriteJson(Wire(answer));
        else
            print(answer, io);
        return ExitCodes.Done;
    }

    // A page's messages are the server's own bytes.
    private static byte[] Wire(ServerEvent answer) => answer is ServerEvent.History page
        ? EventCodec.EncodeHistory(page, [.. page.Messages.Select(message => message.Wire)])
        : EventCodec.Encode(answer);

    private static void PrintRooms(ServerEvent.Rooms rooms, ScriptIo io)
    {
        var width = rooms.Names.Select(name => Cells.Of(SafeText.Line(name))).DefaultIfEmpty().Max();
        foreach (var name in rooms.Names)
        {
            var padding = new string(' ', width - Cells.Of(SafeText.Line(name)));
            io.WriteLine($"{name}{padding}  {rooms.Online.GetValueOrDefault(name)} online");
        }
        if (rooms.Names.Count == 0)
            io.Say("There are no rooms yet.");
    }

    private static void PrintMembers(ServerEvent.Who who, ScriptIo io)
    {
        foreach (var member in who.Members)
            io.WriteLine(member);
        if (who.Online == 0)
            io.Say("Nobody is in this room.");
        else if (who.Online > who.Members.Count)
            io.Say($"and {who.Online - who.Members.Count} more");
    }

    private static void PrintPage(ServerEvent.History page, ScriptIo io)
    {
        foreach (var sentence in GapSentence.Of(page))
            io.Say(sentence);
        foreach (var message in page.Messages)
            io.WriteLine(MessageLine.WithDate(message));
    }
}
