using System.Globalization;
using System.Text.Json;

namespace Partition.Tests;

public sealed class InferCommandTests
{
    [Fact]
    public async Task Plans_of_each_planner_are_printed()
    {
        var lines = await Lines("infer");

        Assert.StartsWith("vgg5 answers a row, layers from 0, of 7; 8 bits a value, alpha 0.5", lines[0], StringComparison.Ordinal);
        Assert.Equal((3 * 5, 3 * 5), (lines.Count(static l => l.StartsWith("pi3 ", StringComparison.Ordinal)),
            lines.Count(static l => l.StartsWith("nano ", StringComparison.Ordinal))));
        Assert.Contains("nano          100  EEoC                    device 0-3, server 4-6    0.825    2.230", lines);
    }

    [Fact]
    public async Task Alpha_and_a_trace_change_the_plans()
    {
        var trace = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(trace, "0,100e6\n9,1e6\n", TestContext.Current.CancellationToken);
            var lines = await Lines("infer", "--set", $"uplink={trace}", "--set", "alpha=0");
            string[] planned = [.. lines.Where(static l => l.Contains("EEoC", StringComparison.Ordinal))];

            Assert.Equal(2, planned.Length);        // a Pi 3 and a Nano, at the rate of the beginning
            Assert.Contains("server 0-6", planned[1], StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Fact]
    public async Task The_table_and_its_json_have_the_same_figures()
    {
        var file = Path.GetTempFileName();
        try
        {
            var text = string.Join('\n', await Lines("infer", "--tables", "--json", file));
            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

            Assert.All((string[])["EEoC", "Neurosurgeon"], system =>
                Assert.Contains(json.RootElement.EnumerateArray(), e => e.GetProperty("system").GetString() == system));
            Assert.All(json.RootElement.EnumerateArray(), e =>
                Assert.Contains(e.GetProperty("oursText").GetString()!, text, StringComparison.Ordinal));
            Assert.All((string[])["-24.6 %", "-46.5 %", "3.1x", "40.7x", "-59.5 %", "-94.7 %"],
                published => Assert.Contains(published, text, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Over 2 Mbit/s all on the server takes a Nano 3,072 · 4 · 8 / 2e6 s up, the server's layers, and ten values down; on the
    /// device it takes 1.2375 ms.</summary>
    [Fact]
    public void The_best_latency_of_Neurosurgeon_on_a_Nano_is_that_of_3G_with_all_layers_on_the_device()
    {
        var figure = NeurosurgeonFigures.Of(new()).Single(static f => f.Published == "40.7x");
        var server = 1.8515 / 3.943 * .0015;

        Assert.Equal((((3072 + 10) * 32 / 2e6) + server) / .0012375, figure.Ours, 1e-6);
    }

    [Fact]
    public void The_page_has_the_figures_of_the_record_and_needs_nothing_else()
    {
        var record = CutRecord.Play(new());
        var page = CutPage.Of(record);
        const string Begin = "<script type=\"application/json\" id=\"record\">";
        var json = page[(page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)..];
        using var data = JsonDocument.Parse(json[..json.IndexOf("</script>", StringComparison.Ordinal)]);
        var steps = data.RootElement.GetProperty("steps");

        Assert.Equal((7, 8, 120), (data.RootElement.GetProperty("layers").GetArrayLength(),
            data.RootElement.GetProperty("bytes").GetArrayLength(), steps.GetArrayLength()));
        for (var i = 0; i < record.Steps.Length; i++)
        {
            var step = record.Steps[i];
            Assert.Equal((step.Planned.Cut, step.At, Math.Round(step.BitsPerSecond, 7)), (steps[i].GetProperty("cut").GetInt32(),
                steps[i].GetProperty("at").GetDouble(), steps[i].GetProperty("rate").GetDouble()));
            Check(step.Planned, steps[i].GetProperty("planned"));
            for (var cut = 0; cut < 8; cut++) { Check(step.Fixed[cut], steps[i].GetProperty("fixed")[cut]); }
            Assert.Equal(step.Fixed[step.Planned.Cut].Seconds, step.Planned.Seconds, 1e-6);
        }

        Assert.All(record.Means(), mean => Assert.Contains(string.Create(CultureInfo.InvariantCulture,
            $"{mean.Name}</th><td>{1e3 * mean.Seconds:F3}</td><td>{1e3 * mean.Joules:F3}</td><td>{mean.Value:F3}</td>"), page,
            StringComparison.Ordinal));
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);

        static void Check(RequestEvents events, JsonElement written)
        {
            Assert.Equal(events.Seconds, Enumerable.Range(0, 4).Sum(i => written[i].GetDouble()), 1e-6);
            Assert.Equal(events.Joules, written[4].GetDouble(), 1e-6);
        }
    }

    [Fact]
    public void As_the_link_becomes_slower_the_cut_moves_to_the_device_and_the_plan_is_worth_the_most()
    {
        var record = CutRecord.Play(new());
        var means = record.Means().ToList();

        Assert.Equal((4, 7), (record.Steps[0].Planned.Cut, record.Steps[^1].Planned.Cut));
        Assert.Equal(means.Min(static m => m.Value), means[0].Value);
        Assert.True(means[0].Value < .9 * means[1..].Min(static m => m.Value));
    }

    [Theory]
    [InlineData("--set", "alpha=1.1")]
    [InlineData("--set", "cifar=x")]
    [InlineData("--set", "uplink=/no/such/file")]
    [InlineData("--seed", "-1")]
    [InlineData("--json", "figures.json")]
    [InlineData("--page", "PAGE", "--set", "downlink=TRACE")]
    [InlineData("--page", "PAGE", "--set", "uplink=TRACE")]
    public async Task Options_that_are_not_as_expected_end_with_2(params string[] options)
    {
        var trace = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(trace, "0,100e6\n1,2e5\n", TestContext.Current.CancellationToken);
            Assert.Equal(2, await CommandLine.RunAsync(
                ["infer", .. options.Select(option => option.Replace("TRACE", trace, StringComparison.Ordinal))], new StringWriter()));
            Assert.False(File.Exists("PAGE"));
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_ends_with_4() =>
        Assert.Equal(4, await CommandLine.RunAsync(["infer", "--page", "/no/such/folder/page.html"], new StringWriter()));

    private static async Task<string[]> Lines(params string[] arguments)
    {
        var output = new StringWriter();
        Assert.Equal(0, await CommandLine.RunAsync(arguments, output));
        return output.ToString().ReplaceLineEndings("\n").Split('\n');
    }
}
