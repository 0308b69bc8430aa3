using Chat.Tests.Build;
using Xunit;

namespace Chat.Tests.Simulation;

/// <summary>Whether the simulation would find what it looks for: each known kind of bug is put into the chat's own source.</summary>
public sealed class MutationTests(MutationTests.Hunts hunts) : IClassFixture<MutationTests.Hunts>
{
    // The most seeds that any of them takes; as many find nothing where nothing is changed.
    private const int MostSeeds = 300;

    /// <summary>All hunts, on half of the processors: real processes that are tested meanwhile have to be heard of in time.</summary>
    public sealed class Hunts : IDisposable
    {
        private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));
        private readonly Task<string> _compiler = DotnetCommand.CompilerAsync("Chat.Actors/Chat.Actors.csproj");
        private readonly Dictionary<string, Task<string?>> _found;

        /// <summary>Begins them all.</summary>
        public Hunts() => _found = Mutation.All.Prepend(Mutation.None).ToDictionary(mutation => mutation.Bug, mutation => Task.Run(() => HuntAsync(mutation)));

        /// <summary>What was found of a bug.</summary>
        public Task<string?> Found(string bug) => _found[bug];

        /// <inheritdoc/>
        public void Dispose() => _places.Dispose();

        private async Task<string?> HuntAsync(Mutation mutation)
        {
            await _places.WaitAsync();
            try
            {
                return await Mutant.HuntAsync(mutation, await _compiler, MostSeeds);
            }
            finally
            {
                _places.Release();
            }
        }
    }

    /// <summary>The bugs.</summary>
    public static TheoryData<string> Bugs => [.. Mutation.All.Select(mutation => mutation.Bug)];

    [Theory]
    [MemberData(nameof(Bugs))]
    public async Task Should_be_found_when_the_chat_has_a(string bug) => Assert.NotNull(await hunts.Found(bug));

    [Fact]
    public async Task Should_find_nothing_when_nothing_is_changed() => Assert.Null(await hunts.Found(Mutation.None.Bug));
}
