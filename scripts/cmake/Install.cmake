# What a distribution would put where.
install(DIRECTORY schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi/schemas FILES_MATCHING PATTERN "*.avsc")
install(DIRECTORY deploy/rules/ DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi/rules FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY deploy/correlations/ DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi/correlations FILES_MATCHING PATTERN "*.yaml")
install(FILES deploy/actions.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/haechi)
# What users are told to read, as it lies in the tree, so that the pages' links hold.
install(FILES README.md SECURITY.md CONTRIBUTING.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs FILES_MATCHING PATTERN "*.md" PATTERN "man" EXCLUDE)
install(FILES schemas/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/schemas)
install(DIRECTORY deploy/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/deploy
  PATTERN "rules" EXCLUDE PATTERN "correlations" EXCLUDE PATTERN "actions.yaml" EXCLUDE PATTERN "systemd" EXCLUDE)
# Not below CMAKE_INSTALL_LIBDIR: this is where systemd looks.
install(DIRECTORY deploy/systemd/ DESTINATION lib/systemd/system FILES_MATCHING PATTERN "*.service")
install(FILES services/cli/haechi.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME haechi)
file(GLOB manuals CONFIGURE_DEPENDS docs/man/*.1)
install(FILES ${manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
