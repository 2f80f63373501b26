namespace StreamLearn.Tables;

/// <summary>Distinguishes whole numbers that number blocks of rows, or are parts of a clock, from measurements.</summary>
internal sealed class BlockCount
{
    private const int MinBlocks = 4;
    private const int MaxBlocks = 10_000;
    private const double MinRows = 5;       // of a block, in the mean
    private const double MinHeld = 2;       // rows of a value of a clock's part; a sawtooth may be a signal
    private const int MinRange = 4;         // of a part of a clock, as weekdays have; less may be states

    private readonly HashSet<double> _seen = [];
    private double _last = double.NaN;
    private double _lowest = double.PositiveInfinity;
    private double _highest = double.NegativeInfinity;
    private double _reset = double.NaN;     // the value after each fall; infinite if there are several
    private bool _isWhole = true;
    private bool _isOnce = true;            // no value is in two blocks
    private bool _isByOnes = true;
    private int _rows;
    private int _blocks;

    /// <summary>False once no further row can make it either.</summary>
    internal bool MayBe => _isWhole && (_isOnce || _isByOnes);

    internal bool IsConstant => _isWhole && _blocks == 1;

    internal double Last => _last;

    /// <summary>Each value in one block of rows; or steps of one that begin again at the same value.</summary>
    internal bool IsFound => _isWhole && _blocks >= MinBlocks && ((_isOnce && _rows >= MinRows * _blocks)
        || (_isByOnes && double.IsFinite(_reset) && _reset == _lowest && _rows >= MinHeld * _blocks
            && _highest - _lowest >= MinRange));

    internal void Add(double value)
    {
        if (double.IsNaN(value) || !MayBe) { return; }
        _rows++;
        if (value == _last) { return; }
        _isWhole &= value == Math.Floor(value);
        _isOnce = _isOnce && _blocks < MaxBlocks && _seen.Add(value);
        _isByOnes &= _blocks == 0 || value == _last + 1 || value < _last;
        if (value < _last) { _reset = double.IsNaN(_reset) || _reset == value ? value : double.PositiveInfinity; }
        (_lowest, _highest) = (Math.Min(_lowest, value), Math.Max(_highest, value));
        (_last, _blocks) = (value, _blocks + 1);
    }
}
