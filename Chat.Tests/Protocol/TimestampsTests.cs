using System.Globalization;
using Chat.Protocol;
using CsCheck;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class TimestampsTests
{
    [Theory]
    [InlineData("2024-01-02T03:04:05.678Z")]
    [InlineData("2024-02-29T23:59:59.999Z")]
    [InlineData("0001-01-01T00:00:00.000Z")]
    [InlineData("9999-12-31T23:59:59.999Z")]
    public void Should_read_and_write_a_time(string text)
    {
        Assert.True(Timestamps.TryParse(text, out var utc));
        Assert.Equal(DateTimeKind.Utc, utc.Kind);
        Assert.Equal(text, Timestamps.Format(utc));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("2024-01-02")]
    [InlineData("2024-01-02T03:04:05Z")]
    [InlineData("2024-01-02T03:04:05.67Z")]
    [InlineData("2024-01-02T03:04:05.6789Z")]
    [InlineData("2024-01-02T03:04:05.678")]
    [InlineData("2024-01-02T03:04:05.678z")]
    [InlineData("2024-01-02t03:04:05.678Z")]
    [InlineData("2024-01-02 03:04:05.678Z")]
    [InlineData("2024-01-02T03:04:05,678Z")]
    [InlineData("2024-01-02T03:04:05.678+00:00")]
    [InlineData(" 2024-01-02T03:04:05.678Z")]
    [InlineData("2024-01-02T03:04:05.678Z ")]
    [InlineData("2024-01-02T03:04:05.678Z\0")]
    [InlineData("2023-02-29T00:00:00.000Z")]
    [InlineData("2024-01-02T24:00:00.000Z")]
    [InlineData("2024-01-02T23:59:60.000Z")]
    [InlineData("2024-13-02T03:04:05.678Z")]
    [InlineData("0000-01-01T00:00:00.000Z")]
    [InlineData("10000-01-01T00:00:00.000Z")]
    [InlineData("-2024-01-02T03:04:05.678Z")]
    [InlineData("٢٠٢٤-01-02T03:04:05.678Z")]
    public void Should_refuse_all_else(string? text) => Assert.False(Timestamps.TryParse(text, out _));

    [Fact]
    public void Should_not_depend_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in new[] { "ar-SA", "th-TH", "fa-IR", "fi-FI" })
            {
                CultureInfo.CurrentCulture = new CultureInfo(culture);
                Assert.True(Timestamps.TryParse("2024-01-02T03:04:05.678Z", out var utc));
                Assert.Equal(new DateTime(2024, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), utc);
                Assert.Equal("2024-01-02T03:04:05.678Z", Timestamps.Format(utc));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Should_give_the_time_cut_to_milliseconds_when_it_is_written_and_read() =>
        Gen.DateTime.Sample(
            time =>
            {
                var utc = DateTime.SpecifyKind(time, DateTimeKind.Utc);
                return Timestamps.TryParse(Timestamps.Format(utc), out var read) && read == Timestamps.ToMilliseconds(utc) && read <= utc
                    && utc - read < TimeSpan.FromMilliseconds(1);
            },
            iter: 5_000, threads: 1);
}
