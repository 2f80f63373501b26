namespace StreamLearn.Learning;

/// <summary>Tells how unusual each row of a stream is.</summary>
internal interface IAnomalyStatistic
{
    /// <summary>Judges a row by those before it, and then takes it in.</summary>
    /// <param name="row">Finite values; NaN where one is missing, if the rule takes that.</param>
    /// <param name="learns">True while rows are learned from. Some statistics follow the stream afterwards, too.</param>
    /// <returns>The score, at least 0: the larger, the more unusual. 0 as long as nothing can be told.</returns>
    double Add(ReadOnlySpan<float> row, bool learns);

    /// <summary>The channel to which the last score owes most; −1: that cannot be told.</summary>
    int Channel => -1;

    /// <summary>What it has learned.</summary>
    void State(ref StateStream s);
}
