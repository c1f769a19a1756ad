# What a distribution would put where.
install(DIRECTORY schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi/schemas FILES_MATCHING PATTERN "*.avsc")
install(DIRECTORY deploy/rules/ DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi/rules FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY deploy/correlations/ DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi/correlations FILES_MATCHING PATTERN "*.yaml")
install(FILES deploy/actions.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi)
install(FILES deploy/etc/haechi.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES services/cli/haechi.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME haechi)
file(GLOB manuals CONFIGURE_DEPENDS docs/man/*.1)
install(FILES ${manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
