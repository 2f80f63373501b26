namespace Tool.Tests;

/// <summary>Small sets in which a class is on one device only, or a device has one class only.</summary>
public sealed class OneClassTests : IDisposable
{
    private const string Alone = "(without some device, one class would be left)";
    private const string OfOne = "noted    the unseen devices have rows of one class";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary><paramref name="devices"/>: what each has, 20 s of a class after the other. <paramref name="unjudged"/>: classes that no
    /// unseen device has.</summary>
    [Theory]
    [InlineData("a b c a b c", "judged on d4", "ac", OfOne + ", b")]
    [InlineData("a b c", "judged on d2", "ab", "noted    no device learns c", Alone)]
    [InlineData("abab abab abab abab c", "judged on d3", "c", "noted    no unseen device has c: ")]
    [InlineData("c abab abab abab abab", "judged on d4", "c", "noted    no unseen device has c: ")]
    [InlineData("abc a a a a", "judged on d4", "bc", OfOne + ", a", Alone)]
    [InlineData("a a a a abc", "judged on d3", "bc", OfOne + ", a", Alone)]
    [InlineData("b a a a a", "judged on d4", "b", OfOne + ", a", Alone)]
    [InlineData("a abc", "judged on d0", "bc", OfOne + ", a")]
    [InlineData("abc a", "judged on d1", "bc", OfOne + ", a")]
    [InlineData("aabb aabb aabb aabb aabb", "judged on d4", "")]
    public async Task Each_is_learned_with_what_it_says_little_about(string devices, string judges, string unjudged, params string[] said)
    {
        var run = await FitAsync(devices);

        var text = run.Output;
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All([.. said, judges], part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Equal(said.Contains(Alone), text.Contains(Alone, StringComparison.Ordinal));
        Assert.Equal(said.Any(static s => s.StartsWith("noted", StringComparison.Ordinal)),
            text.Contains("--unseen chooses other devices", StringComparison.Ordinal));
        Assert.Equal(unjudged, string.Concat(text.Split('\n').Where(static l => l.EndsWith(" 0  not judged", StringComparison.Ordinal))
            .Select(static l => l.Trim()[0])));
        Assert.DoesNotContain("  0   0.000", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "got a alone: d1 judge, and have the others; --device none holds out the last fifth of each class")]
    [InlineData("a", "a label with two classes or more: column 'state' has 1")]
    public async Task What_cannot_be_learned_is_refused_with_what_helps(string devices, string reason) =>
        Assert.Contains(reason, (await FitAsync(devices)).Error, StringComparison.Ordinal);

    private async Task<ProgramProcess> FitAsync(string devices)
    {
        foreach (var (d, classes) in devices.Split(' ').Index())
        {
            var random = new RandomStream(d, "noise");
            File.WriteAllLines(_folder.File($"d{d}.csv"), ["time,x,state", .. Enumerable.Range(0, 500 * classes.Length).Select(r =>
            {
                var label = classes[r / 500];
                return FormattableString.Invariant($"{40 * r},{(3 * (label - 'a')) + random.NextGaussian():0.000},{label}");
            })]);
        }

        return await ToolRun.RunAsync("fit", "--csv", _folder.File("d*.csv"), "--label", "state", "--device", "file", "--alone",
            "--model", "linear");
    }
}
