namespace Tool;

/// <summary>Energy sources, of which the first available is used: power file, RAPL, fixed power.</summary>
internal sealed record ProfileEnergy(double? Watts, string? PowerFile);

/// <summary>Measures rounds until they no longer get faster.</summary>
internal static class ProfileRounds
{
    private const int MinRounds = 3;
    private const int Passes = 13;          // passes per round: 3 to warm up, and 10 measured
    private const double Settled = 0.97;    // settled if no round takes less than this share of the best time
    private static readonly TimeSpan MinTime = TimeSpan.FromSeconds(1);         // the compiler optimizes in the background
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(0.5);

    /// <summary>Returns the fastest round and its energy per row; null without an energy source.</summary>
    internal static (LayerProfile Profile, EnergyReading? OfRow) Run(
        ISplitModel model, int rows, ProfileEnergy energy, TimeProvider time, TextWriter error, CancellationToken stop)
    {
        if (energy.PowerFile is { } meter) { Read(meter); }         // reports errors before the work starts
        var counter = energy.PowerFile is null ? RaplCounter.TryOpen() : null;
        var (start, told) = (time.GetTimestamp(), (long?)null);
        (LayerProfile Profile, DateTimeOffset From, double Joules)? best = null;
        for (var round = 1; ; round++)
        {
            var (from, before) = (time.GetUtcNow(), counter?.Read().Joules ?? 0);
            var profile = LayerProfile.Measure(model, rows, time, cancellationToken: stop);
            if (told is not { } last || time.GetElapsedTime(last) >= SayEvery)
            {
                told = time.GetTimestamp();
                error.WriteLine(FormattableString.Invariant(
                    $"streamlearn: round {round}: {ProfileText.Time(profile.Seconds * rows)} for a batch of {rows}"));
            }

            var isSlower = best is { } known && profile.Seconds >= Settled * known.Profile.Seconds;
            if (best is null || profile.Seconds < best.Value.Profile.Seconds)
            {
                best = (profile, from, (counter?.Read().Joules ?? 0) - before);
            }

            var elapsed = time.GetElapsedTime(start);
            if ((round >= MinRounds && isSlower && elapsed >= MinTime) || elapsed >= MaxTime) { break; }
        }

        var (fastest, began, joules) = best.Value;
        return (fastest, energy.PowerFile is { } file ? OfFile(file, began, fastest, Passes * rows)
            : counter is not null ? new(joules / (Passes * rows), EnergyReading.Rapl)
            : energy.Watts is { } watts ? new(fastest.Seconds * watts, EnergyReading.Modelled)
            : null);
    }

    private static EnergyReading? OfFile(string path, DateTimeOffset from, LayerProfile profile, int rows) =>
        Read(path).Between(from, profile.Date) is { } all ? all with { Joules = all.Joules / rows } : null;

    private static PowerFile Read(string path)
    {
        try
        {
            return PowerFile.Read(File.ReadLines(path));
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }
}
