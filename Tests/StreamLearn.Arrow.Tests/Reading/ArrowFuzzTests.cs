namespace StreamLearn.Arrow.Tests;

/// <summary>Bytes that were changed at random: what is refused is refused by <see cref="ArrowFormatException"/>, in time and within limits,
/// and of what is accepted every value can be had.</summary>
public sealed class ArrowFuzzTests
{
    private static readonly int Inputs = LongForm.IsAsked ? 2_500_000 : 25_000;

    public static TheoryData<string> Findings =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "findings"), "*.arrow").Select(static f => Path.GetFileName(f)!)];

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Whatever_bytes_come_no_rule_is_broken(long seed)
    {
        var mutation = new HostileMutation(seed);
        using var trial = new HostileTrial();
        for (var i = 0; i < Inputs; i++)
        {
            var (form, bytes) = mutation.Next();
            if (trial.Fault(form, bytes) is not { } fault) { continue; }
            var name = string.Create(CultureInfo.InvariantCulture, $"{form}-{seed}-{i}.arrow");
            File.WriteAllBytes(Path.Combine(Path.GetTempPath(), name), bytes.ToArray());
            Assert.Fail($"{name}: {fault}");
        }
        Assert.True(trial.Batches > Inputs / 4 && trial.Refused > Inputs / 2, $"{trial.Batches} batches, {trial.Refused} refusals");
        TestContext.Current.SendDiagnosticMessage($"seed {seed}: {trial.Batches} batches, {trial.Refused} refusals");
    }

    [Fact]
    public void What_it_begins_with_is_sound()
    {
        using var trial = new HostileTrial();
        foreach (var (form, bytes) in HostileCorpus.All) { Assert.Null(trial.Fault(form, bytes)); }
        Assert.Equal(0, trial.Refused);
    }

    /// <summary>What broke a rule once, named by its form.</summary>
    [Theory]
    [MemberData(nameof(Findings))]
    public void What_was_found_once_breaks_no_rule_any_more(string name)
    {
        var form = Enum.Parse<HostileForm>(name.Split('-')[0]);
        using var trial = new HostileTrial();
        Assert.Null(trial.Fault(form, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "findings", name))));
    }
}
