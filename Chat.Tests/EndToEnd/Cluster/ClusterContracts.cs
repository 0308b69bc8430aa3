using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.EndToEnd.Contract;
using Chat.Tests.History.Contract;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>What holds for any chat, where each connection goes to the next of three nodes: what is no request.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterBadRequestTests(ClusterFixture chat) : BadRequestContract(chat);

/// <summary>The same: pages and joins.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterHistoryTests(ClusterFixture chat) : HistoryContract(chat);

/// <summary>The same: logins.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterLoginTests(ClusterFixture chat) : LoginContract(chat);

/// <summary>The same: races for names.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterNameRaceTests(ClusterFixture chat) : NameRaceContract(chat);

/// <summary>The same: order.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterOrderTests(ClusterFixture chat) : OrderContract(chat);

/// <summary>The same: the original's clients.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterOriginalClientTests(ClusterFixture chat) : OriginalClientContract(chat);

/// <summary>The same: who is where.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterPresenceTests(ClusterFixture chat) : PresenceContract(chat);

/// <summary>The same: rooms and messages.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterRoomTests(ClusterFixture chat) : RoomContract(chat);

/// <summary>The same: sessions.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterSessionTests(ClusterFixture chat) : SessionContract(chat);

/// <summary>The same: readers that don't read.</summary>
[NeedsPostgres]
[Collection(ClusterTests.Name)]
public sealed class ClusterSlowReaderTests(ClusterFixture chat) : SlowReaderContract(chat);
