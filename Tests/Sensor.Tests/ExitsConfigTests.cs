namespace Sensor.Tests;

public sealed class ExitsConfigTests : IDisposable
{
    private static readonly ExitRule Rule = new(ExitMeasure.Entropy, [0.3f]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_example_on_the_page_keeps_to_a_loss_and_promises_nothing()
    {
        var answers = Read(PageExample()).Answers!;
        var options = answers.Options(Read(PageExample()).Model, static (_, _) => new InProcessTransport());

        Assert.Equal((0.01, 0.02), (options.Adaptive!.Bound, options.Adaptive.Share));
        Assert.Null(options.Leaving);
        Assert.Equal("windows leave early as long as they lose at most 1.00 % on average; 2.0 % of them are compared with the whole model, "
            + "at first all of them; no guarantee: a fleet's version is not evaluated", answers.ExitsText);
    }

    [Theory]
    [InlineData(0.005, 0.95, 20, ExitRefusal.None,
        "windows leave early; the file guarantees a loss of at most 0.50 % with confidence 95.0 %, measured on 20 groups")]
    [InlineData(0.01, 0.95, 3, ExitRefusal.TooFewGroups,
        "no window leaves early; no guarantee: expected at least 15 groups to measure it, got 3 (TooFewGroups)")]
    [InlineData(0.01, 0.95, 0, ExitRefusal.None,
        "no window leaves early; no guarantee: expected at least 15 groups to measure it, got 0 (TooFewGroups)")]
    [InlineData(0.01, 0.95, 20, ExitRefusal.NotShown,
        "no window leaves early; no guarantee: its 20 groups do not prove it for any choice (NotShown)")]
    [InlineData(0.02, 0.95, 20, ExitRefusal.None,
        "no window leaves early; no guarantee: it guarantees a loss of at most 2.00 % with confidence 95.0 %, measured on "
            + "20 groups; expected a loss of at most 1.00 % with confidence 95.0 %")]
    [InlineData(0.01, 0.9, 20, ExitRefusal.None,
        "no window leaves early; no guarantee: it guarantees a loss of at most 1.00 % with confidence 90.0 %, measured on "
            + "20 groups; expected a loss of at most 1.00 % with confidence 95.0 %")]
    public async Task Windows_leave_where_the_file_promises_what_is_asked_for(
        double loss, double confidence, int groups, ExitRefusal refusal, string text)
    {
        var config = Read(Pinned("{}", new PromisedExits(loss, confidence, groups, refusal)));

        Assert.Equal(text, config.Answers!.ExitsText);
        Assert.Equal(text.StartsWith("windows", StringComparison.Ordinal) ? Rule : null,
            config.Answers.Options(config.Model, static (_, _) => new InProcessTransport()).Leaving);
        if (refusal != ExitRefusal.TooFewGroups) { return; }
        await WriteAsync(File(Pinned("{}", new PromisedExits(loss, confidence, groups, refusal))));
        var (exitCode, output, _) = await Programs.RunAsync(Programs.Sensor, "check", "-c", _folder.File("s.yaml"));
        Assert.Equal(0, exitCode);
        Assert.Contains($"exits: {text}", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ adapt: false }", null)]
    [InlineData("{ adapt: true }", 0.02)]
    [InlineData("{ adapt: true, audit: 0.1 }", 0.1)]
    public void A_device_compares_the_share_of_its_windows_that_is_asked_for(string exits, double? share)
    {
        var config = Read(Pinned(exits, new(0.005, 0.95, 20, ExitRefusal.None)));

        var options = config.Answers!.Options(config.Model, static (_, _) => new InProcessTransport());
        Assert.Equal(share, options.Adaptive?.Share);
    }

    [Fact]
    public void A_file_that_says_nothing_lets_nothing_leave_and_without_the_key_its_rule_holds()
    {
        Assert.Contains("has no measured loss of its exits", Read(Pinned("{}", null)).Answers!.ExitsText, StringComparison.Ordinal);
        var config = Read($"answer: {{ topic: t, model: '{Saved(null)}' }}");
        Assert.Equal(Rule, config.Answers!.Options(config.Model, static (_, _) => new InProcessTransport()).Leaving);
        Assert.Null(config.Answers.ExitsText);
    }

    [Theory]
    [InlineData("exits: {}", "answer.exits: expected 'model: FILE' too, a file with the measured loss of its exits, or 'adapt: true'")]
    [InlineData("exits: { adapt: true }, leave: 0.9", "answer.leave: expected no 'leave' with 'exits'")]
    [InlineData("exits: { adapt: true }, work: 0.5", "answer.work: expected no 'work' with 'exits'")]
    [InlineData("exits: { audit: 0.02 }", "answer.exits.audit: expected 'adapt: true' too")]
    [InlineData("exits: { loss: 0.7 }", "answer.exits.loss: ")]
    [InlineData("exits: { adapt: true }, where: edge", "answer.exits: expected no 'exits' if the aggregator answers too")]
    public void What_does_not_go_together_is_refused(string keys, string text)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read($"answer: {{ topic: t, {keys} }}"));

        Assert.Contains(refused.Problems, p => $"{p}".Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_says_what_is_promised_and_counts_what_it_compares()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        await WriteAsync(File(Pinned("{ adapt: true }", new(0.005, 0.95, 20, ExitRefusal.None)), nats.Uri.ToString().TrimEnd('/')));
        using var sensor = Programs.Start(Programs.Sensor, "run", "-c", _folder.File("s.yaml"), "--set", "source.generator.length=2m",
            "--set", "exchange.steps_per_update=1000");     // nobody answers updates, for which it would wait

        await sensor.UntilSaysAsync("exits: windows leave early as long as they lose at most 1.00 %");
        var status = await UntilAnsweredAsync(92);      // all windows of two minutes

        long Number(string name) => status.GetProperty(name).GetInt64();
        Assert.Contains("the file guarantees a loss of at most 0.50 %", status.GetProperty("exits").GetString(), StringComparison.Ordinal);
        Assert.Equal((92, 0, 0), (Number("windows_compared"), Number("answers_early"), Number("exit_alarms")));
    }

    private async Task<JsonElement> UntilAnsweredAsync(int windows)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
            var files = Directory.EnumerateFiles(_folder.Path, "status.json", SearchOption.AllDirectories);
            if (files.SingleOrDefault() is not { } file) { continue; }
            var written = await System.IO.File.ReadAllBytesAsync(file, patience.Token);
            var status = JsonDocument.Parse(written).RootElement;
            if (status.GetProperty("answers").GetInt64() == windows) { return status; }
        }
    }

    private static SensorConfig Read(string answer) => ConfigTree.Parse("s.yaml", File(answer)).Read(SensorConfig.Read).Value;

    private static string File(string answer, string url = "nats://h") => $$"""
        streamlearn: 1
        fleet: f
        link: { url: '{{url}}' }
        source: { generator: { users: [1], speed: 0 } }
        pipeline: [check: {}, window: {}, learn: {}]
        {{answer}}
        """;

    private string Pinned(string exits, PromisedExits? promised) =>
        $"answer: {{ topic: t, model: '{Saved(promised)}', exits: {exits} }}\nstate: '{_folder.File("state")}'";

    private string Saved(PromisedExits? promised)
    {
        var network = Read("").Model.Create();
        var card = ModelCard.Empty with { ExitRule = Rule };
        var path = _folder.File("model.safetensors");
        ModelFile.Save(path, network, network.Initial with { Version = 3 }, promised?.On(card) ?? card);
        return path;
    }

    private Task WriteAsync(string text) =>
        System.IO.File.WriteAllTextAsync(_folder.File("s.yaml"), text, TestContext.Current.CancellationToken);

    private static string PageExample() => Regex.Match(System.IO.File.ReadAllText(SourceFolder.File("docs/guides/exits.md")),
        "```yaml\n(answer:.*?)```", RegexOptions.Singleline).Groups[1].Value;
}
