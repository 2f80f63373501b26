namespace StreamLearn.Learning;

internal interface IAnomalyStatistic
{
    double Add(ReadOnlySpan<float> row, bool learns);

    /// <summary>The channel that contributes most to the last score; −1: unknown.</summary>
    int Channel => -1;

    void State(ref StateStream s);
}
