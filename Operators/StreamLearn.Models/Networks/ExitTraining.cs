namespace StreamLearn.Models;

/// <summary>Selects the teaching exits and their targets.</summary>
public enum ExitTraining
{
    /// <summary>All exits, by loss weight. Source: Teerapittayanon, McDanel, Kung (2016), BranchyNet.</summary>
    Joint,

    /// <summary>The last exit alone: the first half of layer-wise training.</summary>
    LastOnly,

    /// <summary>All exits but the last: the second half of layer-wise training, with a frozen trunk.</summary>
    EarlyOnly,

    /// <summary>Joint; early exits learn half from labels, half from the last exit's scores at temperature 3. Parts without the last exit
    /// learn from labels alone. Source: Zhang et al. (2019), Be Your Own Teacher.</summary>
    SelfDistilling,
}
