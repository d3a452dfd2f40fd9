/// How weights are kept where they are only multiplied with: in inference.
public enum WeightPrecision: String, Sendable, CaseIterable {
  /// As they are.
  case full
  /// As whole numbers of 8 bits, a quarter of the memory of `Float`, and as fast as that is read.
  ///
  /// Each row of a weight has a scale of its own, and so has each row that is multiplied with it, which is
  /// rounded as it comes:
  ///
  ///     y_ij = b_j + s_i t_j sum_k q_ik r_jk      x_ik = s_i q_ik + e      W_jk = t_j r_jk + e
  ///     s_i = max_k |x_ik| / 127                  t_j = max_k |W_jk| / 127
  ///
  /// The sums are exact: the same bytes on every processor. A row that is not finite makes products
  /// that are not numbers. Weights of `Double`, and those of more than 131072 columns, stay as they are;
  /// and so do biases, embeddings, and products of activations with each other.
  case int8
}
