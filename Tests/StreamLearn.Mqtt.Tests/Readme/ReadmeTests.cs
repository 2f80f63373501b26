namespace StreamLearn.Mqtt.Tests;

/// <summary>The READMEs' code is the code that <see cref="ReadmeExamples"/> compiles, its pipelines are right, and settings are
/// complete.</summary>
public sealed class ReadmeTests
{
    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("Connectors/StreamLearn.Mqtt/README.md", "Pipeline.Define", 3)]
    public async Task Code_is_compiled(string readme, string about, int blocks)
    {
        var examples = Path.Combine(Root, "Tests/StreamLearn.Mqtt.Tests/Readme/ReadmeExamples.cs");
        var compiled = (await File.ReadAllLinesAsync(examples, Cancellation)).Select(l => l.Trim()).Where(IsKept).ToArray();
        var text = await File.ReadAllTextAsync(Path.Combine(Root, readme), Cancellation);
        var found = text.Split("```csharp\n").Skip(1).Select(b => b.Split("```")[0])
            .Where(b => b.Contains(about, StringComparison.Ordinal)).ToList();
        Assert.Equal(blocks, found.Count);
        Assert.All(found, block => Assert.True(Contains(compiled, Lines(block)), $"not in ReadmeExamples.cs as it stands:\n{block}"));
    }

    [Fact]
    public async Task The_pipelines_are_right()
    {
        await using var server = new InProcessTransport();
        Assert.Contains("answers", ReadmeExamples.Third(server).ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("connections", ReadmeExamples.Fourth(server).ToMermaid(), StringComparison.Ordinal);
        var console = new TestConsole();
        var first = ReadmeExamples.FirstAsync(["mqtts://broker:8883"], console);
        Assert.True(console.PressControlC());
        await ScriptedServer.Patiently(first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadmeExamples.SecondAsync(new(canceled: true)));
    }

    [Fact]
    public async Task The_first_program_survives_empty_and_malformed_payloads_at_every_start()
    {
        await using var mosquitto = await Mosquitto.StartAsync(new() { More = ["log_type subscribe"] });
        await using var writer = new MqttTransport(new() { Server = mosquitto.Uri });
        await SayAsync("p1", "{\"accel\":[]}", retain: true);
        await SayAsync("p2", "no JSON", retain: true);
        await SayAsync("p3", "{\"t\":\"2026-05-04T08:00:00Z\",\"accel\":[]}", retain: true);
        for (var start = 0; start < 2; start++)
        {
            var console = new TestConsole();
            var running = ReadmeExamples.FirstAsync([mosquitto.Uri.ToString()], console);
            await Long.UntilAsync(
                () => mosquitto.Log.Split(" plant/+/+/vibration").Length > start + 1 || running.IsCompleted, () => mosquitto.Log);
            var second = string.Join(',', Enumerable.Repeat("{\"x\":0.1},{\"x\":0.2}", 25));
            for (var i = 0; i < 3; i++)
            {
                await SayAsync("p4", $"{{\"t\":\"2026-05-04T08:00:00Z\",\"accel\":[{second}]}}", retain: i == 0);
            }
            var all = 3 + start;        // those of now, after all that was retained, in whatever order that came
            await Long.UntilAsync(() => running.IsCompleted || console.Text.Split("p4: deviation 0.050").Length > all, () => console.Text);
            Assert.False(running.IsCompleted);
            Assert.True(console.PressControlC());
            await ScriptedServer.Patiently(running);

            Assert.Contains("dropped malformed", console.Text, StringComparison.Ordinal);
            Assert.Contains("dropped empty", console.Text, StringComparison.Ordinal);
            Assert.Matches(@"line-2\.1 'plant/\+/\+/vibration'.* [0-9]+ received", console.Text);
        }

        Task SayAsync(string pump, string text, bool retain) => ScriptedServer.Patiently(writer.PublishAsync(
            $"plant/north/{pump}/vibration", new(System.Text.Encoding.UTF8.GetBytes(text)), new(new("test", 0), retain),
            Cancellation).AsTask());
    }

    [Fact]
    public async Task Every_setting_and_every_instrument_is_explained()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Root, "Connectors/StreamLearn.Mqtt/README.md"), Cancellation);
        Assert.All(typeof(MqttOptions).GetProperties().Where(p => p.DeclaringType == typeof(MqttOptions) && p.CanWrite),
            p => Assert.Contains($"`{p.Name}`", text, StringComparison.Ordinal));
        Assert.All(typeof(SubscribeOptions).GetProperties().Where(p => p.CanWrite && p.Name != nameof(SubscribeOptions.AfterCheckpoint)),
            p => Assert.Contains($"`{p.Name}`", text, StringComparison.Ordinal));
        var instruments = await File.ReadAllTextAsync(Path.Combine(Root, "Connectors/StreamLearn.Mqtt/MqttInstruments.cs"), Cancellation);
        Assert.All(instruments.Split("\"streamlearn.mqtt").Skip(1).Select(p => p.Split('"')[0]),
            name => Assert.Contains($"{name}`", text, StringComparison.Ordinal));
    }

    private static string[] Lines(string block) => [.. block.Split('\n').Select(l => l.Trim()).Where(IsKept)];
    private static bool IsKept(string line) => line.Length > 0 && !line.StartsWith("using ", StringComparison.Ordinal);

    private static bool Contains(string[] compiled, string[] lines) => Enumerable.Range(0, compiled.Length)
        .Any(at => at + lines.Length <= compiled.Length && compiled.AsSpan(at, lines.Length).SequenceEqual(lines));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "StreamLearn.sln"))) { folder = Path.GetDirectoryName(folder)!; }
        return folder;
    }
}
