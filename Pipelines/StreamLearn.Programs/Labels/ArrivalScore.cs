namespace StreamLearn.Programs;

internal sealed class ArrivalScore(int classes)
{
    private const double MinProbability = 1e-7;

    private readonly long[] _confusion = new long[classes * classes];
    private ModelVersion _version;
    private double _loss;
    private long _rows;
    private long _correct;

    internal void Add(int label, ReadOnlySpan<float> probabilities, ModelVersion version)
    {
        if (probabilities.IsEmpty) { return; }
        var answer = ModelPlan.ClassOf(probabilities);
        _confusion[(label * classes) + answer]++;
        _loss -= Math.Log(Math.Max(probabilities[label], MinProbability));
        _correct += answer == label ? 1 : 0;
        (_rows, _version) = (_rows + 1, version);
    }

    internal Evaluation? Take(string device)
    {
        if (_rows == 0) { return null; }
        var taken = new Evaluation
        {
            Device = device,
            ModelVersion = _version.Version,
            Rows = _rows,
            Correct = _correct,
            Loss = _loss / _rows,
            Confusion = ImmutableArray.Create(_confusion),
        };
        Array.Clear(_confusion);
        (_loss, _rows, _correct) = (0, 0, 0);
        return taken;
    }
}
