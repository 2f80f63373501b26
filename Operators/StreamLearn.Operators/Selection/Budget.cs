namespace StreamLearn.Operators;

/// <summary>Keeps the number of items kept at a fraction of those offered: never more than 17 off, whatever comes.</summary>
/// <remarks>The share to keep now is the fraction, corrected by what is owed: gently while little is, entirely from 16 items on.</remarks>
internal sealed class Budget(double fraction)
{
    private const double Gentle = 128;
    private const double Most = 16;

    private double _owed;       // items that should have been kept and were not; less than zero: too many were

    /// <summary>The share of the items now that is to be kept, 0 to 1.</summary>
    internal double Share => Math.Clamp(fraction + (_owed / Gentle) + (_owed / Most * (_owed / Most) * (_owed / Most)), 0, 1);

    internal void State(ref StateStream s) => s.Value(ref _owed);

    /// <summary>Counts an item.</summary>
    internal void Count(bool kept) => _owed += fraction - (kept ? 1 : 0);
}
