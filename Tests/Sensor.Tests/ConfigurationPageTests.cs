using Aggregator;

namespace Sensor.Tests;

public sealed partial class ConfigurationPageTests
{
    private const string Strange = "qqqqqqqqqqqq";

    private const string SensorFile = "{ streamlearn: 1, fleet: f, link: { url: nats://h }, source: { generator: { users: [1] } }, "
        + "pipeline: [check: {}, window: {}, learn: {}] }";

    private const string AggregatorFile = "{ streamlearn: 1, fleet: f, link: { url: nats://h }, broker: {} }";

    private static readonly string Page = SourceFolder.File("docs/reference/configuration.md");

    /// <summary>The processes list no key that another test registered.</summary>
    [Fact]
    public async Task Tables_on_the_page_are_what_the_programs_list()
    {
        var (sensor, aggregator) = (await ListedAsync(Programs.Sensor), await ListedAsync(Programs.Aggregator));
        var page = await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken);
        var tables = Table().Matches(page).ToDictionary(static t => (Program: t.Groups[1].Value, Prefix: t.Groups[2].Value),
            t => Heading().Matches(page[..t.Index])[^1].Groups[1].Value);

        var written = Table().Replace(page, t => $"<!-- keys: {$"{t.Groups[1]} {t.Groups[2]}".TrimEnd()} -->\n"
            + TableOf(t.Groups[1].Value == "sensor" ? sensor : aggregator, t.Groups[1].Value, t.Groups[2].Value, tables)
            + "<!-- end -->\n");

        if (Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_PAGES") is not null)
        {
            await File.WriteAllTextAsync(Page, written, TestContext.Current.CancellationToken);
        }

        Assert.True(page == written, "the tables differ from what the programs list: Tests/keys.sh writes them");
        Assert.Empty(sensor.Where(k => !tables.ContainsKey(("sensor", Above(k.Path)))).Select(static k => k.Path));
        var shared = aggregator.Where(static k => k.Path.Contains('.') && (k.IsUnder("link") || k.IsUnder("model") || k.IsUnder("record")));
        Assert.Empty(shared.Except(sensor));
        Assert.Empty(aggregator.Except(shared).Where(k => !tables.ContainsKey(("aggregator", Above(k.Path)))
            && !aggregator.Contains(k with { Path = k.Path.Replace(".fedyogi", ".fedadam").Replace(".fedmedian", ".fedavg") }))
            .Select(static k => k.Path));
        Assert.All(sensor.Concat(aggregator), static k =>
            Assert.True(k is { Values.Length: > 0, Default.Length: > 0, Meaning.Length: > 0 }, $"{k}"));
    }

    [Fact]
    public async Task Keys_are_a_table_on_the_terminal()
    {
        var piece = await Programs.RunAsync(Programs.Sensor, "config", "keys", "exchange.piece");
        var strategy = await Programs.RunAsync(Programs.Aggregator, "config", "keys", "aggregate.strategy.oneshot");
        var none = await Programs.RunAsync(Programs.Aggregator, "config", "keys", "exchange");

        Assert.Equal((0, """
            key             values     default  meaning
            exchange.piece  1KiB–1MiB  none     size of the pieces of an update; none: one message

            """, ""), piece);
        Assert.Contains("\naggregate.strategy.oneshot.devices  1–10,000  required  ", strategy.Output, StringComparison.Ordinal);
        Assert.Equal((2, "", "no key begins with 'exchange'\n"), none);
    }

    /// <summary>A strategy of somebody else lists its keys, with or without meanings.</summary>
    [Fact]
    public void A_reader_without_meanings_is_listed() => Assert.Equal(
        [new("devices", "1–100", "required", ""), new("most", "1e-6–10", "0.1", "")], ConfigKey.Of(BoundedMean.Read));

    [Theory]
    [InlineData("Sensor: the top of the file", "")]
    [InlineData("link", "link.")]
    [InlineData("record", "record={ folder: x, K: 1 }")]
    [InlineData("source.recordings", "source={ recordings: { people: [1], folder: x, K: 1 } }")]
    [InlineData("source.generator", "source.generator.")]
    [InlineData("source.csv", "source={ csv: { files: x, device: { name: d }, K: 1 } }")]
    [InlineData("source.csv.device", "source={ csv: { files: x, device: { name: d, K: 1 } } }")]
    [InlineData("source.mqtt", "source={ mqtt: { url: mqtt://h, topic: t, devices: [d], K: 1 } }")]
    [InlineData("source.nats", "source={ nats: { url: nats://h, topic: t, devices: [d], K: 1 } }")]
    [InlineData("source.command", "source={ command: { run: [x], device: d, K: 1 } }")]
    [InlineData("source.serial", "source={ serial: { port: x, device: d, K: 1 } }")]
    [InlineData("source.host", "source={ host: { device: d, K: 1 } }")]
    [InlineData("columns.next", "columns={ x: {}, y: { label: [a, b], next: { mean_of: x, levels: [1], K: 1 } } }")]
    [InlineData("pipeline.check", "pipeline=[check: { K: 1 }, window: {}, learn: {}]")]
    [InlineData("pipeline.window", "pipeline=[check: {}, window: { K: 1 }, learn: {}]")]
    [InlineData("pipeline.learn", "pipeline=[check: {}, window: {}, learn: { K: 1 }]")]
    [InlineData("exchange", "exchange.")]
    [InlineData("model", "model.")]
    [InlineData("model.target", "model={ target: { name: x, range: [0, 1], K: 1 } }")]
    [InlineData("answer", "answer={ topic: t, K: 1 }")]
    [InlineData("answer.exits", "answer={ topic: t, exits: { K: 1 } }")]
    [InlineData("anomalies", "anomalies={ topic: t, K: 1 }")]
    [InlineData("alerts", "alerts=[{ class: walking, topic: t, K: 1 }]")]
    public void Keys_of_the_sensor_are_on_the_page(string section, string change) =>
        Assert.Equal(KeysOf(SensorFile, change, SensorConfig.Read), Keys(section));

    [Theory]
    [InlineData("Aggregator: the top of the file", "")]
    [InlineData("broker", "broker.")]
    [InlineData("aggregate", "aggregate.")]
    [InlineData("aggregate.best", "aggregate.best.")]
    [InlineData("aggregate.split", "aggregate.split.")]
    [InlineData("aggregate.strategy.fedbuff", "aggregate.strategy={ fedbuff: { updates: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedasync", "aggregate.strategy={ fedasync: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedavg", "aggregate.strategy={ fedavg: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedavgm", "aggregate.strategy={ fedavgm: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedprox", "aggregate.strategy={ fedprox: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedadam", "aggregate.strategy={ fedadam: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedadam", "aggregate.strategy={ fedyogi: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedadagrad", "aggregate.strategy={ fedadagrad: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedavg", "aggregate.strategy={ fedmedian: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.fedtrimmedmean", "aggregate.strategy={ fedtrimmedmean: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.oneshot", "aggregate.strategy={ oneshot: { devices: 1, K: 1 } }")]
    [InlineData("aggregate.strategy.adaptive_tau", "aggregate.strategy={ adaptive_tau: { devices: 1, time: 9s, K: 1 } }")]
    public void Keys_of_the_aggregator_are_on_the_page(string section, string change) =>
        Assert.Equal(KeysOf(AggregatorFile, change, AggregatorConfig.Read), Keys(section));

    [Fact]
    public void Keys_of_columns_are_on_the_page()
    {
        var read = new[] { "{ K: 1 }", "{ time: ms, K: 1 }", "{ label: [a, b], K: 1 }" }
            .SelectMany(c => KeysOf(SensorFile, $"columns={{ x: {c} }}", SensorConfig.Read)).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(read, Keys("columns"));
    }

    [Fact]
    public void Defaults_on_the_page_are_those_that_hold()
    {
        var shown = ConfigTree.Parse("f", SensorFile).Read(SensorConfig.Read).ToYaml();

        foreach (var section in new[] { "exchange", "pipeline.window", "pipeline.learn", "pipeline.check", "source.generator" })
        {
            foreach (Match row in Row().Matches(Section(section)))
            {
                var value = row.Groups["default"].Value;
                if (value is "required" or "none") { continue; }
                Assert.Contains($"{row.Groups["key"].Value}: {value}", shown, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("exchange={ piece: 4KiB }")]
    [InlineData("answer={ topic: t }")]
    [InlineData("anomalies={ topic: t }")]
    [InlineData("record={ folder: x }")]
    public void A_file_that_config_show_printed_is_read_as_the_same(string change)
    {
        var shown = ConfigTree.Parse("f", SensorFile, [change]).Read(SensorConfig.Read).ToYaml();

        Assert.Equal(shown, ConfigTree.Parse("g", shown).Read(SensorConfig.Read).ToYaml());
    }

    [Fact]
    public void Updates_under_way_have_one_bound_in_both_files_on_the_page_and_for_a_device()
    {
        var (expected, shown) = (FormattableString.Invariant($"1 to {CreditOptions.MaxUpdates}"), $"1–{CreditOptions.MaxUpdates}");
        string RefusalOf<T>(string file, string key, Func<ConfigMap, T> read) => Assert.Single(Assert.Throws<ConfigurationException>(() =>
            ConfigTree.Parse("f", file, [FormattableString.Invariant($"{key}={CreditOptions.MaxUpdates + 1}")]).Read(read)).Problems).Text;

        Assert.Contains(
            $"{expected}, got", RefusalOf(SensorFile, "exchange.updates_under_way", SensorConfig.Read), StringComparison.Ordinal);
        Assert.Contains(
            $"{expected}, got", RefusalOf(AggregatorFile, "aggregate.updates_under_way", AggregatorConfig.Read), StringComparison.Ordinal);
        Assert.All(new[] { "exchange", "aggregate" },
            s => Assert.Contains($"| `updates_under_way` | {shown} |", Section(s), StringComparison.Ordinal));
        var most = ConfigTree.Parse("f", SensorFile, [FormattableString.Invariant(
            $"exchange.updates_under_way={CreditOptions.MaxUpdates}")]).Read(SensorConfig.Read).Value;
        SensorPipeline.Create(SensorDevices.Of(most, epoch: 1, [])[0], EdgeLink.Over(new InProcessTransport()));
    }

    [Fact]
    public void Reasons_for_which_updates_are_refused_are_on_the_page()
    {
        string[] reasons =
        [
            "schema", "two-programs", "shape", "fenced", "not-its-topic", "implausible-epoch", "quarantined", "flood", "share", "identity",
            "resuming", "duplicate", "number-twice", "version", "stale", "non-finite", "norm", "uninvited", "late-round",
            "refused", "empty", "rolled-back", "ended", "no-samples", "set-full", "fleet-full", "old-epoch",
            "too-small", "too-large", "gap", "void-round",
        ];
        var code = string.Concat(Directory.EnumerateFiles(
            SourceFolder.File("Operators/StreamLearn.Fleets"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

        Assert.Equal(reasons, Reason().Matches(Section("Why updates are refused")).Select(static m => m.Groups[1].Value));
        Assert.All(reasons, r => Assert.Contains($"\"{r}\"", code, StringComparison.Ordinal));
    }

    private static async Task<ConfigKey[]> ListedAsync(string program)
    {
        var (exitCode, output, error) = await Programs.EndAsync(Programs.Start(program, "config", "keys", "--json"));
        Assert.Equal((0, ""), (exitCode, error));
        using var json = JsonDocument.Parse(output);
        string Text(JsonElement key, string name) => key.GetProperty(name).GetString()!;
        return [.. json.RootElement.EnumerateArray().Select(k => new ConfigKey(
            Text(k, "key"), Text(k, "values"), Text(k, "default"), Text(k, "meaning")))];
    }

    /// <summary>Sections lead to their tables.</summary>
    private static string TableOf(
        ConfigKey[] keys, string program, string prefix, Dictionary<(string Program, string Prefix), string> tables)
    {
        string Linked(ConfigKey key) => tables.GetValueOrDefault((program, key.Path)) is not { } heading ? key.Values
            : SectionWord().Replace(key.Values, $"[$0](#{AnchorSign().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-')})", 1);
        return string.Concat(keys.Where(k => Above(k.Path) == prefix).Select(k =>
            $"| `{k.Path[(prefix.Length == 0 ? 0 : prefix.Length + 1)..]}` | {Linked(k)} | {k.Default} | {k.Meaning} |\n")
            .Prepend("| key | values | default | meaning |\n|---|---|---|---|\n"));
    }

    private static string Above(string path) => path[..Math.Max(0, path.LastIndexOf('.'))];

    private static IEnumerable<string> KeysOf<T>(string file, string change, Func<ConfigMap, T> read)
    {
        var text = change.Contains('=', StringComparison.Ordinal) ? change.Replace("K:", $"{Strange}:", StringComparison.Ordinal)
            : $"{change}{Strange}=1";
        if (change.StartsWith("source=", StringComparison.Ordinal))
        {
            file = file.Replace("source: { generator: { users: [1] } }, ", "", StringComparison.Ordinal);
        }

        var refused = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("f", file, [text]).Read(read));
        var problem = Assert.Single(refused.Problems, static p => p.Text.Contains(Strange, StringComparison.Ordinal));
        return problem.Text[(problem.Text.IndexOf("expected ", StringComparison.Ordinal) + "expected ".Length)..].Split(", ")
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Keys(string section) =>
        Row().Matches(Section(section)).Select(static m => m.Groups["key"].Value).Order(StringComparer.Ordinal);

    private static string Section(string name)
    {
        var page = File.ReadAllText(Page);
        var begin = page.IndexOf($"\n## {name}\n", StringComparison.Ordinal);
        Assert.True(begin >= 0, name);
        var end = page.IndexOf("\n## ", begin + 4, StringComparison.Ordinal);
        return page[begin..end];
    }

    [GeneratedRegex("^<!-- keys: (sensor|aggregator) ?(.*) -->\n(?:\\|.*\n)*<!-- end -->\n", RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex("^## (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\bsections?\b")]
    private static partial Regex SectionWord();

    [GeneratedRegex("[^a-z0-9_ -]")]
    private static partial Regex AnchorSign();

    [GeneratedRegex(@"^\| `([a-z-]+)` \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Reason();

    [GeneratedRegex(@"^\| `(?<key>[a-z_0-9]+)` \| .* \| (?<default>[^|]*) \| [^|]* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
