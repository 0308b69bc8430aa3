using Akka.Actor;
using Chat.Actors.Nodes.Wire;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Nodes.Wire;

/// <summary>Neighbouring versions understand each other: today's bytes are those of <c>golden.txt</c>, and what was added or left out does no harm.</summary>
public sealed class WireVersionSpecs : WireSpecs
{
    // A line is a manifest and a message's bytes. What is here was told once: it isn't changed, only added to.
    private static readonly IReadOnlyDictionary<string, byte[]> Golden =
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "golden.txt")).Where(line => line.Length > 0).Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => Convert.FromHexString(parts is [_, var hex] ? hex : ""));

    [Fact]
    public void Should_write_and_read_the_golden_bytes()
    {
        Assert.Equal(
            string.Join('\n', Golden.Select(golden => $"{golden.Key} {Convert.ToHexStringLower(golden.Value)}")),
            string.Join('\n', Full.Select(message => $"{Serializer.Manifest(message)} {Convert.ToHexStringLower(Serializer.ToBinary(message))}")));
        Assert.All(Full, message => Assert.Equal(
            WireSamples.Show(message), WireSamples.Show(Read(Golden[Serializer.Manifest(message)], Serializer.Manifest(message)))));
        Assert.Equal(WireMessages.All.Select(message => message.Manifest).Order(), Golden.Keys.Order());
    }

    [Fact]
    public void Should_be_as_the_document_has_it()
    {
        var document = ProtoDocument.Read;
        Assert.Equal(
            WireMessages.All.Select(message => (message.Manifest, message.Type.Name)),
            document.Messages.Where(message => message.Manifest is not null).Select(message => (message.Manifest!, message.Name)));
        var parts = new HashSet<string>();
        foreach (var message in document.Messages.Where(message => message.Manifest is not null))
            AssertSame(Golden[message.Manifest!], message, parts);
        Assert.Equal(document.Messages.Where(message => message.Manifest is null).Select(part => part.Name).Order(), parts.Order());
        foreach (var message in WireMessages.All)
        {
            Assert.Equal(
                message.Type.GetConstructors().MaxBy(made => made.GetParameters().Length)!.GetParameters().Select(made => made.Name!.ToLowerInvariant()),
                document.Of(message.Manifest).Fields.Select(field => field.Name.Replace("_", "", StringComparison.Ordinal)).Where(name => name != "manifest"));
        }
    }

    [Fact]
    public void Should_read_what_a_newer_version_wrote()
    {
        Assert.All(Full, message =>
        {
            var manifest = Serializer.Manifest(message);
            var newer = ProtoBytes.Extended(Golden[manifest], ProtoDocument.Read.Of(manifest));
            Assert.Equal(WireSamples.Show(message), WireSamples.Show(Read(newer, manifest)));
        });
    }

    [Fact]
    public void Should_take_a_default_for_each_field_that_an_older_version_did_not_write()
    {
        foreach (var (manifest, golden) in Golden)
        {
            foreach (var left in ProtoBytes.Fields(golden).Select(field => field.Number).Distinct())
            {
                var older = Read(ProtoBytes.Join(ProtoBytes.Fields(golden).Where(field => field.Number != left)), manifest);
                Assert.Equal(WireMessages.All.Single(message => message.Manifest == manifest).Type, older.GetType());
            }
            Assert.NotNull(Read([], manifest));
        }
        var general = RoomName.Trusted("general");
        byte[] room = [0x0a, 7, .. "general"u8];
        Assert.Equal(new RoomQueries.History(general, null, null, null, 0), Read(room, "qh"));
        Assert.Equal(new RoomQueries.Who(general, null), Read(room, "qw"));
        Assert.Equal(new RoomCommands.Post(general, new(default, default, 0), null, "", 0), Read(room, "cp"));
        Assert.Equal(
            new RoomReplies.Refused(general, 0, new ServerEvent.Error("", "")), Read(room, "rf"));
        var delivered = Assert.IsType<RoomReplies.Delivered>(Read(room, "rm"));
        Assert.Empty(delivered.Entries);
        Assert.Empty(delivered.Acks);
    }

    // Each field that is written is documented with its type, and each that is documented is written.
    private static void AssertSame(byte[] bytes, ProtoDocument.Message message, HashSet<string> parts)
    {
        var written = ProtoBytes.Fields(bytes);
        Assert.Equal(
            message.Fields.Select(field => (message.Name, field.Number, field.WireType)),
            written.Select(field => (message.Name, field.Number, field.WireType)).Distinct().OrderBy(field => field.Number));
        foreach (var field in message.Fields.Where(field => field.IsPart))
        {
            parts.Add(field.Type);
            // The parts of a list together have all of their fields.
            var all = written.Where(one => one.Number == field.Number).Select(one => one.Bytes);
            AssertSame([.. all.SelectMany(one => one)], ProtoDocument.Read.Named(field.Type), parts);
        }
    }
}
