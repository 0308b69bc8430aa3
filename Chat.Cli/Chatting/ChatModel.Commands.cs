using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Cli.Chatting;

// What is done with a line that was typed.
internal sealed partial class ChatModel
{
    private IReadOnlyList<Effect> Say(RoomView room, string text)
    {
        if (_current is null)
            return Wrong(Connection.Status == ConnectionStatus.Online ? "You are in no room. /join one first." : "There is no connection yet.");
        if (MessageText.Check(text, Limits.MessageCharacters, out _, out var problem) is not { } checkedText)
        {
            Notice(problem, NoticeKind.Wrong);
            return [];
        }
        Line.Submit();
        _typingTold = default;
        room.Anchor = null;
        var id = _newId();
        room.Scroll.Set(new ChatLine.Outgoing(id, User ?? "", checkedText, OutgoingStatus.Queued, null, _now()));
        return [new Effect.Publish(room.Name, checkedText, id)];
    }

    private IReadOnlyList<Effect> Carry(SlashCommand command)
    {
        switch (command)
        {
            case SlashCommand.Join join:
                return Join(join.Room);
            case SlashCommand.Leave leave:
                return Find(leave.Room is { } named ? Folded(named) : Current.Name) is { } left
                    ? [new Effect.Leave(left.Name)]
                    : Wrong(leave.Room is { } other ? $"You are not in {other}." : "You are in no room.");
            case SlashCommand.Switch to:
                if (Find(Folded(to.Room)) is not { } room)
                    return Wrong($"You are not in {to.Room}. /join {to.Room} enters it.");
                Show(room);
                return [];
            case SlashCommand.Rooms:
                return [new Effect.AskRooms()];
            case SlashCommand.Who:
                _tellWho = _current is not null;
                return _current is null ? Wrong("You are in no room.") : [new Effect.AskWho(_current.Name)];
            case SlashCommand.History history:
                return _current is { Scroll.HasOlder: false } ? Wrong("There is nothing older.") : ReachedTop(history.Count);
            case SlashCommand.Help:
                foreach (var (usage, meaning) in SlashCommand.All)
                    Notice($"{usage,-14}  {meaning}");
                Notice("Tab completes commands, rooms and names; Alt+Enter starts a new line; Up and Down bring back what was typed.");
                return [];
            case SlashCommand.Quit:
                return Quit();
            case SlashCommand.Wrong wrong:
                return Wrong(wrong.Sentence);
            default:
                throw new ArgumentException($"No way to carry out {command.GetType()}.", nameof(command));
        }
    }

    /// <summary>Leaves, but not with what isn't stored yet, unless asked twice in a row.</summary>
    public IReadOnlyList<Effect> Quit()
    {
        var unstored = Rooms.Sum(room => room.Scroll.Outgoing.Count(line => line.Status is OutgoingStatus.Queued or OutgoingStatus.Sent));
        if (unstored == 0 || _quitAt is { } asked && _now() - asked < QuitAgain)
            return [new Effect.Quit()];
        _quitAt = _now();
        return Wrong(unstored == 1
            ? "A message of yours isn't stored yet, and would be lost. Quit again to leave without it."
            : $"{unstored} messages of yours aren't stored yet, and would be lost. Quit again to leave without them.");
    }

    private IReadOnlyList<Effect> Wrong(string sentence)
    {
        Notice(sentence, NoticeKind.Wrong);
        return [];
    }
}
