namespace StreamLearn.Models;

/// <summary>Selects the exits that are trained, and their targets.</summary>
public enum ExitTraining
{
    /// <summary>All exits, by loss weight. Source: Teerapittayanon, McDanel, Kung (2016), BranchyNet.</summary>
    Joint,

    /// <summary>Only the last exit: the first half of layer-wise training.</summary>
    LastOnly,

    /// <summary>All exits except the last: the second half of layer-wise training, with a frozen trunk.</summary>
    EarlyOnly,

    /// <summary>All exits; early exits learn half from labels and half from the last exit's scores at temperature 3. Parts without the last
    /// exit learn only from labels. Source: Zhang et al. (2019), Be Your Own Teacher.</summary>
    SelfDistilling,
}
