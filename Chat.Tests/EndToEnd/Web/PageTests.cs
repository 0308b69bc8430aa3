using System.Text.RegularExpressions;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

public sealed partial class PageTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    private const int MostBytes = 100 * 1024;

    [Fact]
    public async Task Should_serve_the_page_and_all_that_it_names_with_a_policy_that_lets_nothing_else_in()
    {
        using var web = new WebClient(chat.Gateway);
        var (seen, waiting, bytes) = (new HashSet<string> { "/" }, new Queue<string>(["/"]), 0);
        while (waiting.TryDequeue(out var path))
        {
            var answer = await web.GetAsync(path);
            Assert.True(answer.Status == 200, $"{path}: {answer.Status}");
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'", policy);
            Assert.DoesNotContain("unsafe", policy);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.DoesNotContain("{{", answer.Text);
            Assert.DoesNotMatch("innerHTML|insertAdjacentHTML|document\\.write|eval\\(", answer.Text);
            bytes += answer.Text.Length;
            foreach (var named in Named().Matches(answer.Text).Select(match => match.Groups["path"].Value))
            {
                var other = new Uri(web.Address(path), named).AbsolutePath;
                if (seen.Add(other))
                    waiting.Enqueue(other);
            }
        }
        Assert.Contains("/app.css", seen);
        Assert.True(seen.Count > 5, string.Join(' ', seen));
        Assert.InRange(bytes, 1, MostBytes);
    }

    [Fact]
    public async Task Should_send_what_did_not_change_only_once()
    {
        using var web = new WebClient(chat.Gateway);
        var first = await web.GetAsync("/");
        Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());
        var tag = first.Headers.ETag!.ToString();
        var again = await web.GetAsync("/", ("If-None-Match", tag));
        Assert.Equal((304, ""), (again.Status, again.Text));
        Assert.Equal(200, (await web.GetAsync("/", ("If-None-Match", "\"other\""))).Status);
    }

    [Fact]
    public async Task Should_send_it_compressed_to_who_takes_that()
    {
        using var web = new WebClient(chat.Gateway);
        var answer = await web.GetAsync("/app.css", ("Accept-Encoding", "br, gzip"));
        Assert.Equal("gzip", answer.ContentHeaders.ContentEncoding.Single());
        Assert.Empty((await web.GetAsync("/app.css", ("Accept-Encoding", "gzip;q=0"))).ContentHeaders.ContentEncoding);
    }

    [Fact]
    public async Task Should_answer_head_without_a_body()
    {
        using var web = new WebClient(chat.Gateway);
        var answer = await web.SendAsync(HttpMethod.Head, "/");
        Assert.Equal((200, ""), (answer.Status, answer.Text));
        // However routing reads a path.
        foreach (var path in new[] { "/APP.CSS", "/app.css/" })
            Assert.Contains((await web.GetAsync(path)).Status, new[] { 200, 404 });
        Assert.True(answer.ContentHeaders.ContentLength > 100);
    }

    // What HTML and modules load.
    [GeneratedRegex("""(?:(?:src|href)="|from\s+['"]|import\s+['"]|import\(['"])(?<path>(?!https?:|#|data:)[^'"$]+)['"]""")]
    private static partial Regex Named();
}
