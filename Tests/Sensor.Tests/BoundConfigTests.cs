namespace Sensor.Tests;

public sealed class BoundConfigTests : IDisposable
{
    private static readonly ConformalScores Scores = ConformalScores.Of(
        [.. Enumerable.Range(0, 200).Select(static i => i / 200f)], [.. Enumerable.Range(0, 200).Select(static i => i % 20)])!;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("answer: {{ topic: t, bound: 0.9, model: '{0}' }}")]
    [InlineData("answer: {{ topic: t, bound: 0.9 }}\nmodel: {{ file: '{0}' }}")]
    public async Task The_scores_are_those_of_the_file_that_answers_or_of_the_one_that_learning_begins_with(string keys)
    {
        var text = string.Format(null, keys, Saved("scored", Scores));
        var config = Read(text);

        var options = config.Answers!.Options(config.Model, static (_, _) => new InProcessTransport());

        Assert.Equal(new(0.9, Scores), options.Bound);
        Assert.Null(options.Leaving);
        await System.IO.File.WriteAllTextAsync(_folder.File("s.yaml"), File(text), TestContext.Current.CancellationToken);
        var (exitCode, output, _) = await Programs.RunAsync(Programs.Sensor, "check", "-c", _folder.File("s.yaml"));
        Assert.Equal(0, exitCode);
        Assert.Contains("bound: the possible classes contain the right one for 90 % of the windows of other devices, measured on",
            output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bound: 0.9", "answer.bound: expected 'model: FILE' here, or 'file' under model, that 'streamlearn fit --bound' wrote")]
    [InlineData("bound: 0.9, model: '{0}'", "bare.safetensors has no scores for a bound: 'streamlearn fit --bound'")]
    [InlineData("bound: 0.99, model: '{1}'", "scored.safetensors has too few scores, of 20 devices, for a bound: ")]
    [InlineData("bound: 1.5", "answer.bound: ")]
    [InlineData("bound: 0.9, model: '{1}', leave: 0.9", "answer.leave: expected no 'leave' with 'bound'")]
    [InlineData("bound: 0.9, model: '{1}', work: 0.5", "answer.work: expected no 'work' with 'bound'")]
    [InlineData("bound: 0.9, model: '{1}', exits: {{ adapt: true }}", "answer.exits: expected no 'exits' with 'bound'")]
    [InlineData("bound: 0.9, where: edge", "answer.where: expected no 'where' with 'bound'")]
    public void What_has_no_scores_or_does_not_go_together_is_refused(string keys, string text)
    {
        var answer = string.Format(null, $"answer: {{{{ topic: t, {keys} }}}}", Saved("bare", scores: null), Saved("scored", Scores));

        var refused = Assert.Throws<ConfigurationException>(() => Read(answer));

        Assert.Contains(refused.Problems, p => $"{p}".Contains(text, StringComparison.Ordinal));
    }

    /// <summary>All scores are 0, so each label is outside.</summary>
    [Fact]
    public async Task A_bound_that_does_not_hold_and_answers_without_one_are_said()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        var scores = ConformalScores.Of(new float[200], [.. Enumerable.Range(0, 200).Select(static i => i % 20)]);
        var text = File($"answer: {{ topic: t, bound: 0.9, model: '{Saved("scored", scores)}' }}\nstate: '{_folder.File("state")}'");
        await System.IO.File.WriteAllTextAsync(_folder.File("s.yaml"), text.Replace("nats://h", $"{nats.Uri}", StringComparison.Ordinal)
            .Replace("speed: 0", "speed: 0, length: 3m", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var (_, _, error) = await Programs.RunAsync(Programs.Sensor, "run", "-c", _folder.File("s.yaml"), "--for", "10s");

        Assert.Contains("user-001: labels are outside the bound more often than the 10 % promised", error, StringComparison.Ordinal);
        Assert.Contains("user-001: answers without a bound: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_to_begin_with_says_that_its_model_has_scores()
    {
        var model = ModelConfig.Of(Saved("scored", Scores));
        var text = new InitText([], [], [], 128, model).ToString();

        Assert.Contains("the file has scores of 20 devices", text, StringComparison.Ordinal);
        Assert.Contains("#   bound: 0.9\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bound", new InitText([], [], [], 128, model with { Scores = null }).ToString(), StringComparison.Ordinal);
    }

    private static SensorConfig Read(string keys) => ConfigTree.Parse("s.yaml", File(keys)).Read(SensorConfig.Read).Value;

    private static string File(string keys) => $$"""
        streamlearn: 1
        fleet: f
        link: { url: 'nats://h' }
        source: { generator: { users: [1], speed: 0 } }
        pipeline: [check: {}, window: {}, learn: {}]
        {{keys}}
        """;

    private string Saved(string name, ConformalScores? scores)
    {
        var network = Read("").Model.Create();
        var path = _folder.File($"{name}.safetensors");
        var card = ModelCard.Empty with { ExitRule = new(ExitMeasure.Entropy, [0.3f]) };       // which a bound does not follow
        ModelFile.Save(path, network, network.Initial with { Version = 3 }, scores is null ? card : ConformalCard.On(card, scores));
        return path;
    }
}
