namespace StreamLearn.Fleets;

internal sealed class UsualDevices
{
    private double _sum;
    private long _rounds;

    internal void State(ref StateStream s)
    {
        s.Value(ref _sum);
        _rounds = s.Count(_rounds);
    }

    internal double ShareOf(double devices)
    {
        var share = _rounds == 0 ? 1 : devices * _rounds / _sum;
        (_sum, _rounds) = (_sum + devices, _rounds + 1);
        return share;
    }
}
