namespace StreamLearn.Fleets;

internal sealed record WhenAll(int Devices = 1) : Due
{
    public override int Awaited => Devices;

    public override TimeSpan? Left(in RoundView round) => round.Known >= Devices && round.Devices >= round.Invited ? TimeSpan.Zero : null;

    public override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
}

internal sealed record WhenEnough(int Count) : Due
{
    public override int Awaited => Count;

    public override TimeSpan? Left(in RoundView round) =>
        round.Contributors >= Count || (round.Known >= Count && round.Devices >= round.Invited) ? TimeSpan.Zero : null;

    public override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
}

internal sealed record WhenShare(double Share, int Devices = 1) : Due
{
    public override int Awaited => Devices;

    public override TimeSpan? Left(in RoundView round) =>
        round.Known >= Devices && (Reached(round, Share) || round.Devices >= round.Invited) ? TimeSpan.Zero : null;

    public override void Check()
    {
        CheckShare(Share, nameof(Share));
        ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
    }
}

internal sealed record AfterUpdates(int Count, TimeSpan? Deadline = null) : Due
{
    public override bool CountsUpdates => true;

    public override int Awaited => Count;

    public override TimeSpan? Left(in RoundView round) => round.Updates >= Count ? TimeSpan.Zero : Deadline - round.Elapsed;

    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        if (Deadline is { } time) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(Deadline)); }
    }
}

internal sealed record AtDeadline(TimeSpan Time, Due Otherwise, double MinFraction = 0.5, int Devices = 1) : Due
{
    public override bool CountsUpdates => Otherwise.CountsUpdates;

    public override int Awaited => Otherwise.Awaited;

    public override TimeSpan? Left(in RoundView round) => Until(round, Time, Otherwise, MinFraction, Devices);

    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Time, TimeSpan.Zero);
        CheckUntil(Otherwise, MinFraction);
    }
}

internal sealed record AtPredictedDeadline(double Factor, Due Otherwise, double MinFraction = 0.5, int Devices = 1) : Due
{
    public override bool CountsUpdates => Otherwise.CountsUpdates;

    public override int Awaited => Otherwise.Awaited;

    public override TimeSpan? Left(in RoundView round) =>
        Until(round, round.Predicted > TimeSpan.Zero ? round.Predicted * Factor : null, Otherwise, MinFraction, Devices);

    public override void Check()
    {
        if (!(Factor > 0 && double.IsFinite(Factor))) { throw new ArgumentOutOfRangeException(nameof(Factor), Factor, "expected above 0"); }

        CheckUntil(Otherwise, MinFraction);
    }
}

internal sealed record Once(Due First) : Due
{
    public override int Awaited => First.Awaited;

    public override TimeSpan? Left(in RoundView round) => round.First ? First.Left(round) : null;

    public override void Check() => First.Check();
}
