using Chat.Cli;
using Chat.Cli.Chatting;
using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class RoomScrollTests
{
    private readonly RoomScroll _scroll = new();

    private IEnumerable<string> Shown => _scroll.Lines.Select(line => line switch
    {
        ChatLine.Said said => said.Text,
        ChatLine.Notice notice => "* " + notice.Sentence,
        ChatLine.Gap gap => "! " + gap.Sentence,
        ChatLine.Outgoing outgoing => $"> {outgoing.Text} {outgoing.Status}",
        _ => throw new InvalidOperationException(),
    });

    [Fact]
    public void Should_have_each_message_once_and_in_order_whichever_page_it_comes_in()
    {
        _scroll.Add(Wire.Page(Wire.Messages(8, 10), more: true, live: true), Wire.Noon);
        _scroll.Add(Wire.Message(11));
        _scroll.Add(Wire.Page(Wire.Messages(5, 9), more: true), Wire.Noon);
        _scroll.Add(Wire.Page(Wire.Messages(10, 12)), Wire.Noon);
        Assert.Equal(Enumerable.Range(5, 8).Select(seq => $"text {seq}"), Shown);
        Assert.Equal((5, 12, true), (_scroll.Oldest, _scroll.Newest, _scroll.HasOlder));
    }

    [Fact]
    public void Should_know_the_beginning_when_a_page_reaches_it()
    {
        _scroll.Add(Wire.Page(Wire.Messages(3, 4), more: true), Wire.Noon);
        Assert.True(_scroll.HasOlder);
        _scroll.Add(Wire.Page(Wire.Messages(1, 2), more: false), Wire.Noon);
        Assert.False(_scroll.HasOlder);
        _scroll.Add(Wire.Page(Wire.Messages(5, 6), more: true), Wire.Noon);
        Assert.False(_scroll.HasOlder);
    }

    [Fact]
    public void Should_keep_notices_where_they_happened()
    {
        _scroll.Add(Wire.Page(Wire.Messages(5, 5), more: true), Wire.Noon);
        _scroll.AddNotice("carl joined", NoticeKind.Came, Wire.Noon);
        _scroll.AddNotice("carl left", NoticeKind.Went, Wire.Noon);
        _scroll.Add(Wire.Message(6));
        _scroll.Add(Wire.Page(Wire.Messages(4, 4)), Wire.Noon);
        Assert.Equal(["text 4", "text 5", "* carl joined", "* carl left", "text 6"], Shown);
    }

    [Fact]
    public void Should_say_what_is_missing_where_it_is_missing_and_once()
    {
        var page = Wire.Page([Wire.Message(1), Wire.Message(5)], gap: true, missing: [new SeqRange(2, 4)]);
        _scroll.Add(page, Wire.Noon);
        _scroll.Add(page, Wire.Noon);
        Assert.Equal(["text 1", "! 3 messages are missing here: damaged", "text 5"], Shown);
    }

    [Fact]
    public void Should_say_what_is_no_longer_kept_before_what_is()
    {
        _scroll.Add(Wire.Page(Wire.Messages(1, 2)), Wire.Noon);
        _scroll.Add(Wire.Page(Wire.Messages(9, 10), gap: true), Wire.Noon);
        Assert.Equal(["text 1", "text 2", "! " + GapSentence.NotKept, "text 9", "text 10"], Shown);
    }

    [Fact]
    public void Should_begin_again_below_when_the_log_was_replaced()
    {
        _scroll.Add(Wire.Page(Wire.Messages(1, 2), epoch: "e1"), Wire.Noon);
        _scroll.Add(Wire.Page([Wire.Message(1, "new 1")], epoch: "e2", gap: true, more: false), Wire.Noon);
        Assert.Equal(["text 1", "text 2", "* The room's log was replaced. What stands above is from the old one.",
            "! " + GapSentence.NotKept, "new 1"], Shown);
        Assert.Equal(("e2", 1), (_scroll.Epoch, _scroll.Newest));
    }

    [Fact]
    public void Should_say_nothing_of_a_new_log_when_nothing_was_seen_of_the_old_one()
    {
        _scroll.Add(Wire.Page([], epoch: "e1", live: true), Wire.Noon);
        _scroll.Add(Wire.Page([Wire.Message(1)], epoch: "e2", live: true), Wire.Noon);
        Assert.Equal(["text 1"], Shown);
        Assert.Equal("e2", _scroll.Epoch);
    }

    [Fact]
    public void Should_show_what_was_sent_at_the_end_until_it_is_in_the_log()
    {
        _scroll.Set(Sent("a", OutgoingStatus.Queued));
        _scroll.Set(Sent("b", OutgoingStatus.Queued));
        _scroll.Add(Wire.Message(1));
        _scroll.Set(Sent("a", OutgoingStatus.Sent));
        Assert.Equal(["text 1", "> a Sent", "> b Queued"], Shown);
        _scroll.Add(Wire.Message(2, "a", id: "a"));
        _scroll.Set(Sent("a", OutgoingStatus.Stored));
        Assert.Equal(["text 1", "a", "> b Queued"], Shown);
        _scroll.Set(Sent("b", OutgoingStatus.Stored));
        Assert.Equal(["text 1", "a", "> b Stored"], Shown);
        _scroll.Add(Wire.Message(3, "b", id: "b"));
        Assert.Equal(["text 1", "a", "b"], Shown);
    }

    [Fact]
    public void Should_leave_what_was_refused_where_it_was_tried_and_say_it_once()
    {
        _scroll.Set(Sent("a", OutgoingStatus.Queued));
        _scroll.Add(Wire.Message(1));
        _scroll.Set(Sent("a", OutgoingStatus.Refused));
        _scroll.Set(Sent("a", OutgoingStatus.Refused));
        _scroll.Add(Wire.Message(2));
        Assert.Equal(["text 1", "> a Refused", "text 2"], Shown);
        Assert.Empty(_scroll.Outgoing);
    }

    [Fact]
    public void Should_forget_the_oldest_when_there_are_too_many_and_know_that_they_exist()
    {
        _scroll.Add(Wire.Page([Wire.Message(1)], more: false), Wire.Noon);
        for (var seq = 2; seq <= RoomScroll.MostLines + 1; seq++)
            _scroll.Add(Wire.Message(seq));
        Assert.True(_scroll.Count <= RoomScroll.MostLines);
        Assert.True(_scroll.HasOlder);
        Assert.Equal(((ChatLine.Said)_scroll[0]).Seq, _scroll.Oldest);
    }

    private static ChatLine.Outgoing Sent(string id, OutgoingStatus status) => new(id, "ana", id, status, null, Wire.Noon);
}
