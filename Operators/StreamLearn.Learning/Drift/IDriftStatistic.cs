namespace StreamLearn.Learning;

/// <summary>Watches a stream of values, such as errors of 0 and 1, for a change of their mean. After a change it begins anew.</summary>
internal interface IDriftStatistic
{
    /// <summary>The mean of the values that count now.</summary>
    double Mean { get; }

    /// <summary>Takes in a value.</summary>
    DriftLevel Add(double value);

    /// <summary>What it has counted.</summary>
    void State(ref StateStream s);
}
