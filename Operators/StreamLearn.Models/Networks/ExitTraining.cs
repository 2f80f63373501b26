namespace StreamLearn.Models;

/// <summary>Which exits of a network teach it, and what they learn from. The last exit is the end of the network.</summary>
public enum ExitTraining
{
    /// <summary>All exits together, each by its loss weight. Source: Teerapittayanon, McDanel, Kung (2016), BranchyNet.</summary>
    Joint,

    /// <summary>The last exit alone: the trunk as if there were no others. The first half of layer-wise training.</summary>
    LastOnly,

    /// <summary>All exits but the last. The second half of layer-wise training, with a mask that holds the trunk still.</summary>
    EarlyOnly,

    /// <summary>
    /// Jointly, where all exits but the last learn half from the labels and half from the last exit's scores, as from a teacher, at
    /// temperature 3. The last exit learns nothing from them. A part of a network without its end has no teacher: its exits learn from the
    /// labels. Source: Zhang et al. (2019), Be Your Own Teacher.
    /// </summary>
    SelfDistilling,
}
