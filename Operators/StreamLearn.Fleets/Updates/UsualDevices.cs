namespace StreamLearn.Fleets;

/// <summary>How many devices a round usually is of: the mean over all rounds so far.</summary>
internal sealed class UsualDevices
{
    private double _sum;
    private long _rounds;

    internal void State(ref StateStream s)
    {
        s.Value(ref _sum);
        _rounds = s.Count(_rounds);
    }

    /// <summary>Takes in a round.</summary>
    internal double ShareOf(double devices)
    {
        var share = _rounds == 0 ? 1 : devices * _rounds / _sum;
        (_sum, _rounds) = (_sum + devices, _rounds + 1);
        return share;
    }
}
