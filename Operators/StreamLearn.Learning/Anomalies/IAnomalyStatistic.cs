namespace StreamLearn.Learning;

/// <summary>Tells how unusual each row of a stream is.</summary>
internal interface IAnomalyStatistic
{
    /// <summary>Judges a row by those before it, and then takes it in.</summary>
    double Add(ReadOnlySpan<float> row, bool learns);

    /// <summary>The channel to which the last score owes most; −1: that cannot be told.</summary>
    int Channel => -1;

    /// <summary>What it has learned.</summary>
    void State(ref StateStream s);
}
