using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Chat.Actors.Nodes;
using Chat.Actors.Nodes.Wire;
using Chat.Actors.Rooms;
using Chat.Protocol;
using CsCheck;
using Xunit;

namespace Chat.Tests.Nodes.Wire;

/// <summary>A system whose actors have an address, as what crosses has their paths in it.</summary>
public abstract class WireSpecs() : TestKit(Configuration)
{
    private static readonly string Configuration = """
        akka.loglevel = WARNING
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """ + "\n" + ChatSerializer.Binding;

    private protected ChatSerializer Serializer => (ChatSerializer)Sys.Serialization.FindSerializerForType(typeof(LinkMessages.Parcel));

    private protected IActorRef At(string path) => ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(path);

    private protected object Read(byte[] bytes, string manifest) => Sys.Serialization.Deserialize(bytes, Serializer.Identifier, manifest);

    private protected IReadOnlyList<object> Full => WireSamples.Full(At);
}

public sealed class ChatSerializerSpecs : WireSpecs
{
    // These stay on their node, and are no messages by themselves.
    private static readonly Type[] Local =
    [
        typeof(RoomQueries.Storage), typeof(RoomQueries.List), typeof(RoomReplies.StorageIs), typeof(RoomReplies.RoomsListed), typeof(RoomReplies.Ack),
    ];

    [Fact]
    public void Should_know_how_each_message_crosses_or_that_it_stays_when_there_is_a_new_one()
    {
        var told = new[] { typeof(RoomCommands), typeof(RoomQueries), typeof(RoomReplies), typeof(LinkMessages) }
            .SelectMany(kind => kind.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic)).Where(type => !type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute)));
        Assert.Equal(
            told.Select(type => type.FullName).Order(),
            WireMessages.All.Select(message => message.Type).Concat(Local).Select(type => type.FullName).Order());
        Assert.Equal(WireMessages.All.Count, WireMessages.All.Select(message => message.Manifest).Distinct().Count());
        Assert.All(WireMessages.All, message => Assert.InRange(message.Manifest.Length, 1, 2));
    }

    [Fact]
    public void Should_be_found_for_all_that_crosses_and_for_nothing_else()
    {
        Assert.All(WireMessages.All, message => Assert.IsType<ChatSerializer>(Sys.Serialization.FindSerializerForType(message.Type)));
        Assert.All(Local, type => Assert.IsNotType<ChatSerializer>(Sys.Serialization.FindSerializerForType(type)));
        Assert.All(Full, message => Assert.IsType<ChatSerializer>(Sys.Serialization.FindSerializerFor(message)));
        Assert.InRange(Serializer.Identifier, 101, int.MaxValue);
        Assert.All(WireMessages.All, message => Assert.True(message.Type.IsSealed));
    }

    [Fact]
    public void Should_read_what_it_wrote_when_it_is_any_message()
    {
        var any = WireSamples.Any(At);
        Assert.Equal(WireMessages.All.Count, any.Count);
        foreach (var kind in any)
        {
            kind.Sample(
                message =>
                {
                    var bytes = Serializer.ToBinary(message);
                    Assert.Equal(bytes.Length, Serializer.SizeOf(message));
                    Assert.Equal(WireSamples.Show(message), WireSamples.Show(Read(bytes, Serializer.Manifest(message))));
                },
                iter: 200,
                threads: 1);
        }
    }

    [Fact]
    public void Should_copy_no_line_when_a_large_batch_is_read()
    {
        var lines = Enumerable.Range(0, 1280).Select(i => new Chat.Actors.History.LogEntry(i, Encoding.ASCII.GetBytes(new string((char)('a' + (i % 26)), 205)))).ToArray();
        var bytes = Serializer.ToBinary(new RoomReplies.Delivered(RoomName.Trusted("general"), lines, []));
        var read = Assert.IsType<RoomReplies.Delivered>(Read(bytes, "rm"));
        Assert.Equal(lines.Select(line => Encoding.ASCII.GetString(line.Line.Span)), read.Entries.Select(line => Encoding.ASCII.GetString(line.Line.Span)));
        Assert.All(read.Entries, entry =>
        {
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(entry.Line, out var slice));
            Assert.Same(bytes, slice.Array);
        });
    }

    [Fact]
    public void Should_replace_what_is_half_a_character()
    {
        var bytes = Serializer.ToBinary(new RoomReplies.WhoIs(RoomName.Trusted("a"), 1, null, ["x\ud83dy"], 1));
        Assert.Equal(["x\ufffdy"], Assert.IsType<RoomReplies.WhoIs>(Read(bytes, "rw")).Members);
    }

    [Fact]
    public void Should_give_a_local_actor_its_address_and_find_it_again()
    {
        var probe = CreateTestProbe();
        var parcel = new LinkMessages.Parcel(1, 2, probe.Ref, ActorRefs.Nobody, new LinkMessages.Anew());
        var bytes = Serializer.ToBinary(parcel);
        var address = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;
        Assert.NotNull(address.Port);
        Assert.Contains(probe.Ref.Path.ToSerializationFormatWithAddress(address), Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
            Assert.Same(probe.Ref, Assert.IsType<LinkMessages.Parcel>(Read(bytes, "p")).To);
    }

    [Fact]
    public async Task Should_find_a_successor_when_an_actor_of_that_name_came_anew()
    {
        var refs = new RefPaths((ExtendedActorSystem)Sys);
        IActorRef Make() => Sys.ActorOf(Props.Empty, "named");
        byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path);
        var address = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;
        var first = Make();
        var path = first.Path.ToStringWithAddress(address);
        Assert.Same(first, refs.ActorAt(Bytes(path)));
        Watch(first);
        Sys.Stop(first);
        await ExpectTerminatedAsync(first);
        var second = Make();
        Assert.Same(second, refs.ActorAt(Bytes(path)));
        Assert.Equal(0, refs.Known);
    }

    [Fact]
    public void Should_forget_actors_when_there_are_too_many()
    {
        var refs = new RefPaths((ExtendedActorSystem)Sys);
        for (var i = 1; i <= (2 * RefPaths.Most) + 1; i++)
            Assert.NotNull(refs.ActorAt(Encoding.UTF8.GetBytes($"akka.tcp://chat@10.0.0.2:4053/user/relays/r{i}#{i}")));
        Assert.Equal(1, refs.Known);
    }

    [Fact]
    public void Should_say_that_a_newer_version_speaks_when_a_manifest_is_unknown()
    {
        var e = Assert.Throws<SerializationException>(() => Serializer.FromBinary([], "zz9"));
        Assert.Contains("zz9", e.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_read_the_parcel_when_what_is_in_it_cannot_be()
    {
        var bytes = ProtoBytes.Join(
        [
            new ProtoBytes.Field(1, 0, 7, []), new ProtoBytes.Field(2, 0, 8, []), new ProtoBytes.Field(5, 2, 0, "zz9"u8.ToArray()),
            new ProtoBytes.Field(6, 2, 0, [1, 2, 3]),
        ]);
        var parcel = Assert.IsType<LinkMessages.Parcel>(Serializer.FromBinary(bytes, "p"));
        Assert.Equal((7, 8), (parcel.Link, parcel.Number));
        Assert.Equal("zz9", Assert.IsType<Unreadable>(parcel.Message).Manifest);
    }

    [Fact]
    public void Should_read_no_parcel_in_a_parcel()
    {
        var bytes = Array.Empty<byte>();
        for (var i = 0; i < 20_000; i++)
            bytes = [0x2a, 1, (byte)'p', .. ProtoBytes.Join([new ProtoBytes.Field(6, 2, 0, bytes)])];
        Assert.IsType<Unreadable>(Assert.IsType<LinkMessages.Parcel>(Serializer.FromBinary(bytes, "p")).Message);
        var nested = new LinkMessages.Parcel(1, 1, TestActor, TestActor, new LinkMessages.Parcel(1, 1, TestActor, TestActor, new LinkMessages.Anew()));
        Assert.Throws<SerializationException>(() => Serializer.ToBinary(nested));
    }

    [Fact]
    public void Should_name_the_type_when_what_is_told_does_not_cross()
    {
        Assert.Contains("RoomsListed", Assert.Throws<SerializationException>(
            () => Serializer.ToBinary(new RoomReplies.RoomsListed(null, false, [], new Dictionary<string, int>()))).Message, StringComparison.Ordinal);
        Assert.Contains("Enter", Assert.Throws<SerializationException>(
            () => Serializer.ToBinary(new RoomCommands.Enter(default, null!, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_throw_nothing_else_when_bytes_are_cut_or_changed()
    {
        foreach (var message in Full)
        {
            var (manifest, bytes) = (Serializer.Manifest(message), Serializer.ToBinary(message));
            for (var length = 0; length < bytes.Length; length++)
                Try(bytes[..length], manifest);
            for (var i = 0; i < bytes.Length; i++)
            {
                foreach (byte value in (byte[])[0, 0x7f, 0x80, 0xff, (byte)(bytes[i] ^ 1), (byte)(bytes[i] + 1), (byte)(bytes[i] - 8)])
                    Try([.. bytes[..i], value, .. bytes[(i + 1)..]], manifest);
            }
        }
        Gen.Select(Gen.Int[0, WireMessages.All.Count - 1].Select(i => WireMessages.All[i].Manifest), Gen.Byte.Array[0, 40])
            .Sample((manifest, bytes) => Try(bytes, manifest), iter: 20_000, threads: 1);
    }

    [Fact]
    public void Should_make_nothing_large_when_a_length_is_a_lie()
    {
        // A text, a line and a part of 2 GiB, and of more.
        byte[][] lies = [[0x0a, 0xff, 0xff, 0xff, 0xff, 0x07], [0x12, 0xff, 0xff, 0xff, 0xff, 0x07], [0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]];
        foreach (var message in WireMessages.All)
        {
            foreach (var lie in lies)
                Try(lie, message.Manifest);
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var lie in lies)
                Try(lie, message.Manifest);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }
    }

    private void Try(byte[] bytes, string manifest)
    {
        try
        {
            Serializer.FromBinary(bytes, manifest);
        }
        catch (SerializationException)
        {
        }
    }
}
