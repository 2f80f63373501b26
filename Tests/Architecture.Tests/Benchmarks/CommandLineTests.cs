using System.Text.Json.Nodes;
using Benchmarks;

namespace Architecture.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void List_names_every_suite_with_its_cases()
    {
        var (code, output, _) = Run("list");
        Assert.Equal(0, code);
        Assert.Contains("kernel hop.dataflow: ns/hop, beside transformblock, limit.channels", output, StringComparison.Ordinal);
        foreach (var suite in Suites.All)
        {
            Assert.All(suite.Cases, c => Assert.Contains($"{suite.Name} {c.Name}: {c.Unit}", output, StringComparison.Ordinal));
            Assert.Equal(suite.Cases.Count, suite.Cases.Select(c => c.Name).Distinct().Count());
        }
    }

    [Fact]
    public void Json_gives_one_object_a_line_with_the_agreed_keys()
    {
        var (code, output, error) = Run("kernel", "--case", "batch.rent", "--repeats", "1", "--json");
        Assert.True(code == 0, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject()).ToList();
        string[] keys = ["suite", "case", "unit", "ours", "peer", "theirs", "ratio", "spread", "alloc_bytes"];
        Assert.All(lines, l => Assert.Equal(keys, l.Select(p => p.Key)));
        Assert.Equal(["arraypool", "memcpy"], lines.Select(l => (string?)l["peer"]));
        Assert.All(lines, l => Assert.Equal((double)l["theirs"]! / (double)l["ours"]!, (double)l["ratio"]!, 1e-12));
    }

    [Fact]
    public void A_peer_that_is_not_installed_is_null_with_a_reason()
    {
        var entry = new Case("example", "ns", new("streamlearn", () => new(2, 2, 0)), new Contender("absent", null, "no such program"));
        using var text = new StringWriter();
        new Output(text, json: true).Write(Suites.All[0], entry, Runner.Run(entry, repeats: 3));
        var line = JsonNode.Parse(text.ToString())!.AsObject();
        Assert.Equal(2, (double)line["ours"]!);
        Assert.True(line.ContainsKey("theirs") && line["theirs"] is null && line["ratio"] is null);
        Assert.Equal("no such program", (string?)line["reason"]);
    }

    [Fact]
    public void Contenders_take_turns_and_the_first_turn_is_not_counted()
    {
        var turns = new List<string>();
        Contender Turn(string name) => new(name, () =>
        {
            turns.Add(name);
            return new(turns.Count, 0, 0);
        });

        var series = Runner.Run(new("example", "ns", Turn("a"), Turn("b")), repeats: 2);
        Assert.Equal(["a", "b", "a", "b", "a", "b"], turns);
        Assert.Equal([4, 5], series.Select(s => s.Median!.Value));
    }

    [Fact]
    public void Ratio_above_one_means_that_ours_is_better_whichever_way_the_unit_counts()
    {
        Assert.Equal(2, Ratio(higherIsBetter: false, ours: 1, theirs: 2));
        Assert.Equal(0.5, Ratio(higherIsBetter: true, ours: 1, theirs: 2));
    }

    [Theory]
    [InlineData("no suite 'nosuch'", "nosuch")]
    [InlineData("has no case 'nosuch'", "kernel", "--case", "nosuch")]
    [InlineData("expected at least 1, got 0", "kernel", "--repeats", "0")]
    [InlineData("--nosuch", "kernel", "--nosuch")]
    public void Wrong_arguments_are_refused_in_one_line_with_exit_code_2(string expected, params string[] args)
    {
        var (code, output, error) = Run(args);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static double Ratio(bool higherIsBetter, double ours, double theirs)
    {
        var entry = new Case("example", "x", new("streamlearn", () => new(ours, 0, 0)), new Contender("peer", () => new(theirs, 0, 0)))
        {
            HigherIsBetter = higherIsBetter,
        };
        using var text = new StringWriter();
        new Output(text, json: true).Write(Suites.All[0], entry, Runner.Run(entry, repeats: 1));
        return (double)JsonNode.Parse(text.ToString())!["ratio"]!;
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
