namespace StreamLearn.Learning;

/// <summary>Restarts after a change.</summary>
internal interface IDriftStatistic
{
    double Mean { get; }

    DriftLevel Add(double value);

    void State(ref StateStream s);
}
