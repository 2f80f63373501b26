using StreamLearn.Learning;

namespace Sensor;

/// <summary>How well the devices of a program answered their newest windows, each before it was learned from.</summary>
internal sealed class OwnScore
{
    private const long MostWindows = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<(long Windows, long Correct)> _recent = [];
    private long _windows;
    private long _correct;

    /// <summary>The share of right answers among the newest thousand windows, 0 to 1; null before the first.</summary>
    internal double? Accuracy
    {
        get
        {
            lock (_gate) { return _windows == 0 ? null : (double)_correct / _windows; }
        }
    }

    /// <summary>Takes in how a device answered some windows, on the thread of its block.</summary>
    internal void Add(Evaluation evaluation)
    {
        lock (_gate)
        {
            _recent.Enqueue((evaluation.Rows, evaluation.Correct));
            (_windows, _correct) = (_windows + evaluation.Rows, _correct + evaluation.Correct);
            while (_recent.TryPeek(out var oldest) && _windows - oldest.Windows >= MostWindows)
            {
                _recent.Dequeue();
                (_windows, _correct) = (_windows - oldest.Windows, _correct - oldest.Correct);
            }
        }
    }
}
