using Chat.Protocol;
using Chat.Protocol.Client;
using Chat.Protocol.Codec;

namespace Chat.Cli.Verbs;

/// <summary><c>chat listen</c>: each message of a room, once and in order, until somebody ends it.</summary>
internal static class ListenVerb
{
    public static async Task<int> RunAsync(
        ChatClient client, string room, long? since, int last, bool json, ScriptIo io, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Opened before the join, whose pages are events too.
        var events = client.Events(ended.Token);
        var joining = JoinAsync();
        try
        {
            await foreach (var happening in events)
            {
                if (happening is ClientEvent.Received received)
                    Print(received);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The join failed, or is about to have: what went wrong is thrown below.
        }
        await joining;
        throw new ChatConnectionException(client.State.Reason ?? "The connection is closed.", client.State.CloseCode);

        async Task JoinAsync()
        {
            try
            {
                await Verb.ConnectAsync(client, cancellation);
                await client.JoinAsync(room, since, history: since is null ? last : null, cancellation: cancellation);
            }
            catch
            {
                await ended.CancelAsync();
                throw;
            }
        }

        void Print(ClientEvent.Received received)
        {
            switch (received.Event)
            {
                case ServerEvent.Message message:
                    PrintMessage(message);
                    break;
                case ServerEvent.History page:
                    if (page.Gap)
                        PrintGap(page);
                    foreach (var message in page.Messages)
                        PrintMessage(message);
                    break;
                case ServerEvent.Joined or ServerEvent.Left or ServerEvent.Presence or ServerEvent.Notice or ServerEvent.Shutdown when json:
                    io.WriteJson(received.Json);
                    break;
            }
        }

        void PrintMessage(ServerEvent.Message message)
        {
            if (json)
                io.WriteJson(message.Wire);
            else
                io.WriteLine(MessageLine.Of(message));
        }

        void PrintGap(ServerEvent.History page)
        {
            if (json)
                io.WriteJson(EventCodec.EncodeHistory(page, []));
            foreach (var sentence in GapSentence.Of(page))
                io.Say(sentence);
        }
    }
}
