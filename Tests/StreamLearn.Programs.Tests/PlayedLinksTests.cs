using StreamLearn.Simulation;
using StreamLearn.Testing;

namespace StreamLearn.Programs.Tests;

/// <summary>Links that the file of a sensor says are played.</summary>
public sealed class PlayedLinksTests
{
    [Fact]
    public async Task All_devices_have_the_link_of_a_trace()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("trace.csv"), "t,bit/s\n0,4e6\n5,2e6\n", TestContext.Current.CancellationToken);

        var config = Read(folder.File("trace.csv"));
        await using var inner = new InProcessTransport();
        var played = Assert.IsType<PlayedLink>(config.Play(inner, "a", 0));

        Assert.Equal(LinkProfile.ReadTrace(folder.File("trace.csv")), played.Profile);
        Assert.Same(inner, played.Inner);
        Assert.Same(inner, Assert.Single(EdgeLink.Over(played).Transports));
        Assert.Same(inner, (config with { Played = null }).Play(inner, "a", 0));
    }

    [Fact]
    public async Task Each_device_has_the_link_that_a_scenario_gives_its_name_or_its_place()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("links.json"), """
            { "defaults": { "upMegabitsPerSecond": 8 },
              "devices": { "b": { "upMegabitsPerSecond": 2, "delayMilliseconds": 30 }, "#2": { "loss": 0.1 } } }
            """, TestContext.Current.CancellationToken);

        var played = Read(folder.File("links.json")).Played!;

        Assert.Equal(new() { UpBitsPerSecond = 8e6 }, played.Of("a", 0));
        Assert.Equal(new() { UpBitsPerSecond = 2e6, Delay = TimeSpan.FromMilliseconds(30) }, played.Of("b", 1));
        Assert.Equal(new() { UpBitsPerSecond = 8e6, Loss = .1 }, played.Of("c", 2));
    }

    [Theory]
    [InlineData("trace.csv", "0,1\n0,2\n", "trace.csv:2: expected a time after 0 s, got '0'")]
    [InlineData("links.json", "{ \"links\": 1 }", "links.json: scenario: unknown key 'links'")]
    public async Task A_file_that_is_wrong_is_refused_with_the_place_of_its_name(string name, string text, string expected)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File(name), text, TestContext.Current.CancellationToken);

        var refused = Assert.Throws<ConfigurationException>(() => Read(folder.File(name)));

        Assert.Contains("f:1:", refused.Message, StringComparison.Ordinal);
        Assert.Contains("link.played: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => Read(folder.File("nowhere")));
    }

    [Fact]
    public void An_aggregator_plays_no_link() => Assert.Contains("unknown key 'played'; expected url, login",
        Assert.Throws<ConfigurationException>(() => Read("x", isSensor: false)).Message, StringComparison.Ordinal);

    private static LinkConfig Read(string file, bool isSensor = true) => ConfigTree
        .Parse("f", $"{{ streamlearn: 1, fleet: f, link: {{ url: 'nats://h', played: '{file}' }} }}")
        .Read(map => LinkConfig.Read(map, isSensor)).Value;
}
