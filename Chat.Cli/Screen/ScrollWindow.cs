using Chat.Cli.Chatting;

namespace Chat.Cli.Screen;

/// <summary>The part of a room's scroll that is seen: so many rows, up to the end or up to where the room is scrolled back to.</summary>
internal sealed class ScrollWindow(RoomView room, RowMaker maker, int height)
{
    /// <summary>The rows that are seen, from the top; fewer than the height where there are no more.</summary>
    public List<Row> Rows()
    {
        var rows = RowsUpFrom(Bottom(), height);
        rows.Reverse();
        return rows;
    }

    /// <summary>Scrolls back, as far as the window can stay full. True where the top is in sight.</summary>
    public bool Up(int rows)
    {
        var bottom = Bottom();
        var available = RowsUpFrom(bottom, height + rows).Count;
        Move(bottom, -Math.Min(rows, Math.Max(0, available - height)));
        return available < height + rows;
    }

    /// <summary>Scrolls towards the end; there, what comes is followed again.</summary>
    public void Down(int rows) => Move(Bottom(), rows);

    private (int Index, int Row) Bottom()
    {
        if (room.Anchor is { } anchor)
        {
            for (var i = room.Scroll.Count - 1; i >= 0; i--)
            {
                if (ReferenceEquals(room.Scroll[i], anchor.Line))
                    return (i, Math.Min(anchor.Row, maker.Of(room.Scroll, i).Count - 1));
            }
            room.Anchor = null;
        }
        var last = room.Scroll.Count - 1;
        return (last, last < 0 ? -1 : maker.Of(room.Scroll, last).Count - 1);
    }

    private List<Row> RowsUpFrom((int Index, int Row) bottom, int most)
    {
        var found = new List<Row>();
        for (var i = bottom.Index; i >= 0 && found.Count < most; i--)
        {
            var rows = maker.Of(room.Scroll, i);
            for (var r = i == bottom.Index ? bottom.Row : rows.Count - 1; r >= 0 && found.Count < most; r--)
                found.Add(rows[r]);
        }
        return found;
    }

    private void Move((int Index, int Row) from, int by)
    {
        var (index, row) = from;
        if (index < 0)
            return;
        row += by;
        while (row < 0 && index > 0)
            row += maker.Of(room.Scroll, --index).Count;
        for (var count = maker.Of(room.Scroll, index).Count; row >= count && index < room.Scroll.Count - 1; count = maker.Of(room.Scroll, index).Count)
        {
            row -= count;
            index++;
        }
        var isAtEnd = index == room.Scroll.Count - 1 && row >= maker.Of(room.Scroll, index).Count - 1;
        room.Anchor = isAtEnd ? null : (room.Scroll[index], Math.Max(0, row));
    }
}
