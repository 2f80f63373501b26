namespace StreamLearn.Operators;

/// <summary>Keeps the number of kept items within 17 of a fraction of all.</summary>
/// <remarks>The share is the fraction, corrected by the debt: slightly at first, fully from 16 items on.</remarks>
internal sealed class Budget(double fraction)
{
    private const double Gentle = 128;
    private const double Most = 16;

    private double _owed;       // number of items owed; negative: too many were kept

    internal double Share => Math.Clamp(fraction + (_owed / Gentle) + (_owed / Most * (_owed / Most) * (_owed / Most)), 0, 1);

    internal void State(ref StateStream s) => s.Value(ref _owed);

    internal void Count(bool kept) => _owed += fraction - (kept ? 1 : 0);
}
