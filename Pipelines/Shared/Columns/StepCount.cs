namespace StreamLearn.Programs;

/// <summary>How the values of a recording go from row to row: a clock or a counter goes one way.</summary>
internal struct StepCount
{
    private const double NearlyEvery = 0.95;        // of the steps: counters wrap, and rows are lost
    private const int LeastSteps = 30;              // that say something

    private double? _last;
    private int _steps;
    private int _rises;
    private int _falls;

    /// <summary>True if there are so many that they say something.</summary>
    internal readonly bool IsEnough => _steps >= LeastSteps;

    /// <summary>True if nearly every value is greater than the one before, or less.</summary>
    internal readonly bool IsOneWay => Math.Max(_rises, _falls) >= NearlyEvery * _steps;

    /// <summary>Adds a value; NaN: none.</summary>
    internal void Add(double value)
    {
        if (double.IsNaN(value)) { return; }
        if (_last is { } last)
        {
            _steps++;
            if (value > last) { _rises++; }
            else if (value < last) { _falls++; }
        }

        _last = value;
    }
}
