using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Scores rows one by one.</summary>
/// <remarks>Allocates only scores. Source: Gama, Sebastião, Rodrigues (2013): landmark, sliding window, fading factor.</remarks>
internal sealed class PrequentialMeasure
{
    private readonly int _classes;
    private readonly long[] _counts;
    private readonly long[] _windowCounts;
    private readonly int[] _window;             // label × classes + answer of the last rows
    private readonly ReliabilityBin[] _bins;
    private readonly SlidingMean _windowLoss;
    private FadingMean _fading;
    private double _loss;
    private double _brier;
    private long _repeated;                     // rows with the same label as the previous row
    private int _lastLabel = -1;
    private bool _probable;

    public PrequentialMeasure(int classes, int windowRows = 1000, double fadingFactor = 0.999, int bins = Reliability.DefaultBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        _fading = FadingMean.Of(fadingFactor);
        _classes = classes;
        (_counts, _windowCounts) = (new long[classes * classes], new long[classes * classes]);
        (_window, _bins, _windowLoss) = (new int[windowRows], new ReliabilityBin[bins], new(windowRows));
    }

    public long Rows { get; private set; }

    internal void State(ref StateStream s)
    {
        Rows = s.Value(Rows);
        s.Values<long>(_counts);
        s.Values<long>(_windowCounts);
        s.Values<int>(_window);
        if (s.IsReading && (Rows < 0 || _window.AsSpan().ContainsAnyExceptInRange(0, _counts.Length - 1)))
        {
            throw new StateException("expected rows of classes");
        }

        _windowLoss.State(ref s);
        foreach (ref var bin in _bins.AsSpan()) { bin = new(s.Value(bin.Rows), s.Value(bin.Correct), s.Value(bin.Confidence)); }
        _fading = _fading with { Sum = s.Value(_fading.Sum), Weight = s.Value(_fading.Weight) };
        s.Value(ref _loss);
        s.Value(ref _brier);
        s.Value(ref _repeated);
        s.Value(ref _lastLabel, -1, _classes - 1);
        s.Value(ref _probable);
    }

    public void Add(int label, int answer, float confidence, ReadOnlySpan<float> probabilities)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)_classes, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)answer, (uint)_classes, nameof(answer));
        var right = label == answer;
        Count(label, answer);
        _fading = _fading.Add(right ? 1 : 0);
        if (label == _lastLabel) { _repeated++; }
        _lastLabel = label;
        ref var bin = ref _bins[Reliability.BinOf(confidence, _bins.Length)];
        bin = new(bin.Rows + 1, bin.Correct + (right ? 1 : 0), bin.Confidence + confidence);
        _probable = !probabilities.IsEmpty;
        if (!_probable) { return; }
        var loss = ProbabilityScores.LogLoss(probabilities, label);
        _loss += loss;
        _windowLoss.Add(loss);
        _brier += ProbabilityScores.Brier(probabilities, label);
    }

    public PrequentialScore Score(string device) => new()
    {
        Device = device,
        Landmark = new(ImmutableArray.Create(_counts)),
        Window = new(ImmutableArray.Create(_windowCounts)),
        FadingAccuracy = _fading.Mean,
        NoChangeAccuracy = Rows == 0 ? 0 : (double)_repeated / Rows,
        Reliability = new(ImmutableCollectionsMarshal.AsImmutableArray(_bins.AsSpan().ToArray())),
        LogLoss = _probable ? _loss / Rows : null,
        WindowLogLoss = _probable ? _windowLoss.Mean : null,
        Brier = _probable ? _brier / Rows : null,
    };

    private void Count(int label, int answer)
    {
        var cell = (label * _classes) + answer;
        ref var oldest = ref _window[(int)(Rows % _window.Length)];
        if (Rows >= _window.Length) { _windowCounts[oldest]--; }
        oldest = cell;
        _windowCounts[cell]++;
        _counts[cell]++;
        Rows++;
    }
}
