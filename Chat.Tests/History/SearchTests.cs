using Chat.Actors.History;
using Chat.Protocol;
using CsCheck;
using Xunit;

namespace Chat.Tests.History;

public sealed class SearchTests
{
    private sealed record Case(int[] Lengths, int SegmentBytes, int[] Damage, bool[] OnLineFeed, (int From, int To, bool Newest, int Most, int Bytes)[] Queries);

    private static readonly int[] SegmentSizes = [2_000, 60_000, 64 * 1024 * 1024];

    private static readonly Gen<Case> Cases =
        from lengths in Gen.OneOf(Gen.Int[0, 60], Gen.Int[0, 3_000], Gen.Frequency((30, Gen.Int[0, 300]), (1, Gen.Int[20_000, 30_000]))).Array[1, 250]
        from segment in Gen.Int[0, 2]
        from damage in Gen.OneOf(Gen.Int[0, lengths.Length - 1].Array[0, 5], Runs(lengths.Length))
        from onLineFeed in Gen.Frequency((3, Gen.Const(false)), (1, Gen.Const(true))).Array[damage.Length]
        from queries in Gen.Select(Gen.Int[1, lengths.Length], Gen.Int[1, lengths.Length], Gen.Bool, Gen.Int[1, 120], Gen.Int[1, 70_000]).Array[12]
        select new Case(lengths, SegmentSizes[segment], damage, onLineFeed, queries);

    private static Gen<int[]> Runs(int count) =>
        from start in Gen.Int[0, count - 1]
        from length in Gen.Int[0, count - start]
        select Enumerable.Range(start, length).ToArray();

    [Fact]
    public void Should_find_what_a_reading_of_all_lines_finds() => Cases.Sample(Check, iter: 300, threads: 1);

    private static void Check(Case test)
    {
        using var data = new DataFolder();
        var entries = test.Lengths.Select((length, i) => DataFolder.Entry(i + 1, new string('x', length))).ToArray();
        using var store = data.Open(new FileHistoryOptions { SegmentBytes = test.SegmentBytes, Durability = Durability.Never });
        using (var log = store.Log(DataFolder.Room))
        {
            log.Open();
            foreach (var batch in entries.Chunk(7))
                log.Append(batch);
        }
        var whole = Damage(data, entries, test);

        using var reader = store.Log(DataFolder.Room);
        foreach (var (a, b, newest, most, bytes) in test.Queries)
        {
            var query = new LogQuery(Math.Min(a, b), Math.Max(a, b), newest ? PageEnd.Newest : PageEnd.Oldest, most, bytes);
            var page = reader.Read(query);

            Assert.Equal(Expected(query, entries, whole), page.Entries.Seqs());
            Assert.Equal(newest ? query.To : query.From, newest ? page.Through : page.From);
            Assert.All(page.Entries, entry => Assert.Equal(entries[entry.Seq - 1].Line.ToArray(), entry.Line.ToArray()));
            page.ShouldSpeakOfAll();
            if (page.Entries.Count < most && page.From == query.From && page.Through == query.To)
                continue;
            Assert.NotEmpty(page.Entries);
        }
    }

    private static List<long> Expected(LogQuery query, LogEntry[] entries, HashSet<long> whole)
    {
        var found = new List<long>();
        var bytes = 0;
        var seqs = DataFolder.Seqs(query.From, query.To).Where(whole.Contains);
        foreach (var seq in query.Keep == PageEnd.Oldest ? seqs : seqs.Reverse())
        {
            bytes += entries[seq - 1].Line.Length;
            if (found.Count == query.MaxMessages || (found.Count > 0 && bytes > query.MaxBytes))
                break;
            found.Add(seq);
        }
        found.Sort();
        return found;
    }

    // Spoils lines in their files, and gives the seqs that are still whole.
    private static HashSet<long> Damage(DataFolder data, LogEntry[] entries, Case test)
    {
        var whole = entries.Select(entry => entry.Seq).ToHashSet();
        var segments = Directory.GetFiles(data.RoomPath, "*.jsonl").Order().ToArray();
        var firsts = segments.Select(path => long.Parse(Path.GetFileNameWithoutExtension(path))).ToArray();
        foreach (var (index, onLineFeed) in test.Damage.Zip(test.OnLineFeed))
        {
            var seq = index + 1L;
            if (!whole.Remove(seq))
                continue;
            var segment = Array.FindLastIndex(firsts, first => first <= seq);
            var start = entries[(int)(firsts[segment] - 1)..index].Sum(entry => (long)entry.Line.Length + 1);
            var length = entries[index].Line.Length;
            using var file = File.OpenHandle(segments[segment], FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.Write(file, "\0"u8, onLineFeed ? start + length : start + 1 + length / 2);
            // Without its line feed a line takes the next one with it.
            if (onLineFeed && (segment + 1 == firsts.Length || seq + 1 < firsts[segment + 1]))
                whole.Remove(seq + 1);
        }
        return whole;
    }
}
